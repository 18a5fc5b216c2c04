package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.http.Request;
import io.longshore.acceptance.http.Response;
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
        PLAIN(false, "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}"),
        RUNNING(true, "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}"),
        FEW_MEMBERS(false, "{\"Image\":\"busybox\",\"HostConfig\":{\"NetworkMode\":\"none\"}}"),
        CONFIGURED(true, """
                {"Image":"busybox","Cmd":["60"],"Entrypoint":["sleep"],"Env":["A=1","B"],"User":"1:1","WorkingDir":"/tmp/x","Hostname":"h","Domainname":"d",
                 "Labels":{"k":"v"},"StopSignal":"SIGINT","StopTimeout":3,"OpenStdin":true,"StdinOnce":true,"AttachStdin":true,"AttachStdout":true,
                 "ExposedPorts":{"80/tcp":{}},"HostConfig":{"NetworkMode":"none"}}"""),
        LIMITED(true, """
                {"Image":"busybox","Cmd":["sleep","60"],"HostConfig":{"NetworkMode":"none","Memory":67108864,"MemoryReservation":33554432,"MemorySwap":134217728,
                 "NanoCpus":500000000,"CpuShares":256,"CpusetCpus":"0","PidsLimit":50,"ShmSize":1048576,"OomScoreAdj":100,
                 "Ulimits":[{"Name":"nofile","Soft":100,"Hard":200}]}}"""),
        RESTRICTED(true, """
                {"Image":"busybox","Cmd":["sleep","60"],"HostConfig":{"NetworkMode":"none","ReadonlyRootfs":true,"Tmpfs":{"/run":"size=1m"},"CapDrop":["ALL"],
                 "CapAdd":["CHOWN"],"SecurityOpt":["no-new-privileges"],"GroupAdd":["44"]}}"""),
        LOGGED(false, """
                {"Image":"busybox","Cmd":["true"],"Tty":false,"HostConfig":{"NetworkMode":"none","LogConfig":{"Type":"json-file","Config":{"max-size":"1m","max-file":"2"}},
                 "ExtraHosts":["x:1.2.3.4"],"Dns":["9.9.9.9"],"DnsSearch":["example.test"],"AutoRemove":false}}"""),
        HOST_NETWORK(
                true, "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"NetworkMode\":\"host\"}}"),
        ENDED(
                false,
                "{\"Image\":\"busybox\",\"Cmd\":[\"sh\",\"-c\",\"exit 9\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}");

        final boolean started;
        final String body;

        Options(boolean started, String body) {
            this.started = started;
            this.body = body;
        }
    }

    @ParameterizedTest
    @EnumSource
    void inspect(Options options) {
        Response created = call(Request.post(V + "/containers/create?name=compared", options.body));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        String id = created.json().path("Id").asString();
        if (options.started || options == Options.ENDED) {
            start(id);
        }
        if (options == Options.ENDED) {
            call(Request.post("/containers/" + id + "/wait"));
        }
        compare(
                "inspect " + options,
                call(Request.get(V + "/containers/" + id + "/json")).json());
        compare(
                "list " + options,
                call(Request.get(V + "/containers/json?all=1")).json());
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
            if (!ours.equals(theirs) && !FieldExceptions.meant(kind, field)) {
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
