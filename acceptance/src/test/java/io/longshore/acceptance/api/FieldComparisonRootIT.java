package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** {@code inspect} and {@code info} at API 1.41, field by field: the same names, types and values as Docker Engine 20.10 gives. */
class FieldComparisonRootIT extends ApiCases {
    private static final Map<String, Map<String, String>> ORACLE = new ConcurrentHashMap<>();
    private static final String V = "/v1.41";

    /** What is asked for, and in which state it is looked at. */
    enum Options {
        PLAIN(
                Then.NOTHING,
                "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}"),
        RUNNING(
                Then.START,
                "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}"),
        FEW_MEMBERS(Then.NOTHING, "{\"Image\":\"busybox\",\"HostConfig\":{\"NetworkMode\":\"none\"}}"),
        CONFIGURED(Then.START, """
                {"Image":"busybox","Cmd":["60"],"Entrypoint":["sleep"],"Env":["A=1","B"],"User":"1:1","WorkingDir":"/tmp/x","Hostname":"h","Domainname":"d",
                 "Labels":{"k":"v"},"StopSignal":"SIGINT","StopTimeout":3,"OpenStdin":true,"StdinOnce":true,"AttachStdin":true,"AttachStdout":true,
                 "ExposedPorts":{"80/tcp":{}},"HostConfig":{"NetworkMode":"none"}}"""),
        LIMITED(Then.START, """
                {"Image":"busybox","Cmd":["sleep","60"],"HostConfig":{"NetworkMode":"none","Memory":67108864,"MemoryReservation":33554432,"MemorySwap":134217728,
                 "NanoCpus":500000000,"CpuShares":256,"CpusetCpus":"0","PidsLimit":50,"ShmSize":1048576,"OomScoreAdj":100,
                 "Ulimits":[{"Name":"nofile","Soft":100,"Hard":200}]}}"""),
        RESTRICTED(Then.START, """
                {"Image":"busybox","Cmd":["sleep","60"],"HostConfig":{"NetworkMode":"none","ReadonlyRootfs":true,"Tmpfs":{"/run":"size=1m"},"CapDrop":["ALL"],
                 "CapAdd":["CHOWN"],"SecurityOpt":["no-new-privileges"],"GroupAdd":["44"]}}"""),
        SHARING(Then.START, """
                {"Image":"busybox","Cmd":["sleep","60"],"HostConfig":{"NetworkMode":"none","IpcMode":"shareable","PidMode":"host","UTSMode":"host",
                 "CgroupnsMode":"private","UsernsMode":"host","Sysctls":{"kernel.msgmax":"4096"},"Init":true}}"""),
        DEVICES(Then.START, """
                {"Image":"busybox","Cmd":["sleep","60"],"HostConfig":{"NetworkMode":"none","Memory":67108864,"MemorySwappiness":10,"OomKillDisable":true,
                 "CpuPeriod":50000,"CpuQuota":25000,"Devices":[{"PathOnHost":"/dev/zero","PathInContainer":"/dev/nil","CgroupPermissions":"r"}],
                 "DeviceCgroupRules":["c 1:11 r"],"BlkioDeviceReadBps":[{"Path":"/dev/loop0","Rate":1048576}],
                 "SecurityOpt":["seccomp={\\"defaultAction\\":\\"SCMP_ACT_ALLOW\\"}","label=disable"]}}"""),
        LOGGED(Then.NOTHING, """
                {"Image":"busybox","Cmd":["true"],"Tty":false,"HostConfig":{"NetworkMode":"none","LogConfig":{"Type":"json-file","Config":{"max-size":"1m","max-file":"2"}},
                 "ExtraHosts":["x:1.2.3.4"],"Dns":["9.9.9.9"],"DnsSearch":["example.test"],"AutoRemove":false}}"""),
        HOST_NETWORK(
                Then.START,
                "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"NetworkMode\":\"host\"}}"),
        AUTO_REMOVED(
                Then.START,
                "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"NetworkMode\":\"none\",\"AutoRemove\":true}}"),
        WITH_VOLUME(
                Then.START,
                "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"Volumes\":{\"/data\":{}},\"HostConfig\":{\"NetworkMode\":\"none\"}}"),
        NOT_FOUND(Then.FAIL, "{\"Image\":\"busybox\",\"Cmd\":[\"nosuch\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}"),
        OUT_OF_MEMORY(Then.END, """
                {"Image":"busybox","Cmd":["sh","-c","x=x; while :; do x=$x$x; done"],
                 "HostConfig":{"NetworkMode":"none","Memory":16777216,"MemorySwap":16777216}}"""),
        ENDED(
                Then.END,
                "{\"Image\":\"busybox\",\"Cmd\":[\"sh\",\"-c\",\"exit 9\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}");

        final Then then;
        final String body;

        Options(Then then, String body) {
            this.then = then;
            this.body = body;
        }
    }

    /** What is done before it is looked at. */
    enum Then {
        NOTHING,
        START,
        /** Start it and wait for its end. */
        END,
        /** Start it, which is refused. */
        FAIL
    }

    @ParameterizedTest
    @EnumSource
    void inspect(Options options) {
        Response created = call(Request.post(V + "/containers/create?name=compared", options.body));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        String id = created.json().path("Id").asString();
        switch (options.then) {
            case NOTHING -> {}
            case START -> start(id);
            case END -> {
                start(id);
                call(Request.post("/containers/" + id + "/wait"));
            }
            case FAIL -> refused(Request.post("/containers/" + id + "/start"), 400, "nosuch");
        }
        JsonNode inspected =
                call(Request.get(V + "/containers/" + id + "/json")).json();
        compare("inspect " + options, inspected);
        if (form.longshore()) {
            ofItsOwn(options, inspected);
        }
        compare(
                "list " + options,
                call(Request.get(V + "/containers/json?all=1")).json());
    }

    /** What cannot be the same as Docker's, but is no less exact. */
    private static void ofItsOwn(Options options, JsonNode inspected) {
        long pid = inspected.path("State").path("Pid").asLong(-1);
        if (options.then == Then.START) {
            assertThat(ProcessHandle.of(pid)).as("process %d", pid).isPresent();
        } else {
            assertThat(pid).isZero();
        }
        // Docker Engine too makes these with the first start.
        for (String field : List.of("ResolvConfPath", "HostnamePath", "HostsPath", "LogPath")) {
            String path = inspected.path(field).asString();
            if (options.then == Then.START || options.then == Then.END) {
                assertThat(Path.of(path)).as(field).isAbsolute().isRegularFile();
            }
        }
        List<String> masked = new ArrayList<>();
        inspected.path("HostConfig").path("MaskedPaths").forEach(path -> masked.add(path.asString()));
        assertThat(masked)
                .containsExactly(
                        "/proc/asound",
                        "/proc/acpi",
                        "/proc/interrupts",
                        "/proc/kcore",
                        "/proc/keys",
                        "/proc/latency_stats",
                        "/proc/timer_list",
                        "/proc/timer_stats",
                        "/proc/sched_debug",
                        "/proc/scsi",
                        "/sys/firmware",
                        "/sys/devices/virtual/powercap");
        assertThat(inspected
                        .path("HostConfig")
                        .path("RestartPolicy")
                        .path("Name")
                        .asString())
                .isEqualTo("no");
    }

    @org.junit.jupiter.api.Test
    void image() {
        compare("image", call(Request.get(V + "/images/busybox/json")).json());
        compare("images", call(Request.get(V + "/images/json")).json());
        compare("history", call(Request.get(V + "/images/busybox/history")).json());
    }

    @org.junit.jupiter.api.Test
    void info() {
        compare("info", call(Request.get(V + "/info")).json());
    }

    private void compare(String what, JsonNode answer) {
        Map<String, String> flat = new TreeMap<>();
        flatten("", answer, flat);
        if (!form.longshore()) {
            ORACLE.put(what, flat);
            return;
        }
        Map<String, String> expected = ORACLE.get(what);
        assumeTrue(expected != null, "Docker Engine did not run before");
        String kind = what.split(" ")[0];
        List<String> differences = new ArrayList<>();
        Map<String, String> all = new LinkedHashMap<>(expected);
        all.putAll(flat);
        for (String field : all.keySet()) {
            String theirs = expected.getOrDefault(field, "(none)");
            String ours = flat.getOrDefault(field, "(none)");
            boolean meant = FieldExceptions.meant(kind, field) || FieldExceptions.meant(what, field);
            if (!ours.equals(theirs) && !meant) {
                differences.add(field + ": Docker " + theirs + ", Longshore " + ours);
            }
        }
        assertThat(differences).as(what).isEmpty();
    }

    /** Leaves with their paths; what differs between any two runs by its kind. */
    private static void flatten(String path, JsonNode node, Map<String, String> into) {
        if (node.isObject() && !node.isEmpty()) {
            node.properties().forEach(member -> flatten(path + "." + member.getKey(), member.getValue(), into));
        } else if (node.isArray() && !node.isEmpty()) {
            for (int i = 0; i < node.size(); i++) {
                flatten(path + "[" + i + "]", node.get(i), into);
            }
        } else {
            into.put(path, normal(node.toString()));
        }
    }

    private static String normal(String leaf) {
        return leaf.replaceAll("[0-9a-f]{64}", "<id>")
                .replaceAll("\"[0-9a-f]{12}\"", "\"<short-id>\"")
                .replaceAll("\"20\\d\\d-\\d\\d-\\d\\dT[^\"]*\"", "\"<time>\"");
    }
}
