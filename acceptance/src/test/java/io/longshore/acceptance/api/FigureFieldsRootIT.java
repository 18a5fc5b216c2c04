package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code stats}, {@code top} and {@code system/df} at API 1.41: the same fields of the same types as Docker Engine 20.10 gives, and what they mean. */
class FigureFieldsRootIT extends ApiCases {
    private static final Map<String, Map<String, String>> ORACLE = new ConcurrentHashMap<>();
    private static final int WATCHERS = 500;
    private static final String V = "/v1.41";
    private static final String NEVER = "0001-01-01T00:00:00Z";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private String running(String hostMembers) {
        Response created = call(Request.post(
                V + "/containers/create?name=compared",
                "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{" + hostMembers + "}}"));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        String id = created.json().path("Id").asString();
        start(id);
        return id;
    }

    private JsonNode stats(String id, String query) {
        Response answer = call(Request.get(V + "/containers/" + id + "/stats?" + query));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    @Test
    void ofARunningContainer() {
        JsonNode stats = stats(running("\"NetworkMode\":\"none\""), "stream=0");
        compare("stats", stats);
        assertThat(stats.path("name").asString()).isEqualTo("/compared");
        assertThat(Duration.between(
                        Instant.parse(stats.path("preread").asString()),
                        Instant.parse(stats.path("read").asString())))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(10));
        assertThat(stats.at("/cpu_stats/system_cpu_usage").asLong())
                .isGreaterThan(stats.at("/precpu_stats/system_cpu_usage").asLong());
        assertThat(stats.at("/pids_stats/current").asInt()).isEqualTo(1);
    }

    @Test
    void ofALimitedContainer() {
        String id = running("\"NetworkMode\":\"none\",\"Memory\":33554432,\"PidsLimit\":50,\"NanoCpus\":500000000");
        JsonNode stats = stats(id, "stream=0");
        compare("limited", stats);
        assertThat(stats.at("/memory_stats/limit").asLong()).isEqualTo(33_554_432);
        assertThat(stats.at("/pids_stats/limit").asLong()).isEqualTo(50);
        assertThat(stats.at("/memory_stats/usage").asLong()).isBetween(1L, 33_554_432L);
    }

    @Test
    void ofAContainerOnTheNodesNetwork() {
        JsonNode stats = stats(running("\"NetworkMode\":\"host\""), "stream=0");
        compare("host", stats);
        assertThat(stats.has("networks")).isFalse();
    }

    @Test
    void ofAContainerThatDoesNotRun() {
        String id = create("exit 0");
        compare("created", stats(id, "stream=0"));
        compare("created, one shot", stats(id, "stream=0&one-shot=1"));
        start(id);
        call(Request.post("/containers/" + id + "/wait"));
        JsonNode stats = stats(id, "stream=0");
        compare("ended", stats);
        assertThat(stats.path("read").asString()).isEqualTo(NEVER);
        assertThat(stats.path("id").asString()).isEqualTo(id);
    }

    @Test
    void oneShotComesAtOnceAndHasNothingBefore() {
        String id = running("\"NetworkMode\":\"none\"");
        long begun = System.nanoTime();
        JsonNode stats = stats(id, "stream=0&one-shot=1");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofMillis(900));
        assertThat(stats.path("preread").asString()).isEqualTo(NEVER);
        assertThat(stats.at("/precpu_stats/cpu_usage/total_usage").asLong(-1)).isZero();
        assertThat(stats.at("/cpu_stats/cpu_usage/total_usage").asLong()).isPositive();
        refused(
                Request.get(V + "/containers/" + id + "/stats?one-shot=1"),
                400,
                "cannot have stream=true and one-shot=true");
    }

    /** The objects of a stream, as they come. */
    private static JsonNode next(BufferedReader lines) throws IOException {
        return JSON.readTree(lines.readLine());
    }

    @Test
    void aStreamHasAnObjectEachSecondAcrossStopAndStart() throws IOException {
        String id = running("\"NetworkMode\":\"none\"");
        try (UnixHttp client = connect()) {
            Response.Head head = client.open(Request.get(V + "/containers/" + id + "/stats"));
            assertThat(head.status()).isEqualTo(200);
            var lines = new BufferedReader(new InputStreamReader(client.body(head), StandardCharsets.UTF_8));
            JsonNode first = next(lines);
            compare("first of a stream", first);
            JsonNode second = next(lines);
            compare("second of a stream", second);
            assertThat(second.path("precpu_stats")).isEqualTo(first.path("cpu_stats"));
            assertThat(Duration.between(
                            Instant.parse(first.path("read").asString()),
                            Instant.parse(second.path("read").asString())))
                    .isBetween(Duration.ofMillis(900), Duration.ofSeconds(10));
            call(Request.post("/containers/" + id + "/kill"));
            JsonNode stopped = next(lines);
            while (!stopped.path("read").asString().equals(NEVER)) {
                stopped = next(lines);
            }
            stopped = next(lines);
            compare("stopped in a stream", stopped);
            start(id);
            JsonNode again = next(lines);
            while (again.path("read").asString().equals(NEVER)) {
                again = next(lines);
            }
            assertThat(again.at("/pids_stats/current").asInt()).isEqualTo(1);
            assertThat(call(Request.delete("/containers/" + id + "?force=1")).status())
                    .isEqualTo(204);
            while (lines.readLine() != null) {
                // What was on its way.
            }
        }
    }

    /** One reads for all; what is left is to write it to each. */
    @Test
    void fiveHundredWhoWatchAreCheap() throws Exception {
        assumeTrue(form.longshore(), "of Longshore only");
        String id = running("\"NetworkMode\":\"none\"");
        List<UnixHttp> clients = new ArrayList<>();
        try {
            AtomicInteger objects = new AtomicInteger();
            for (int i = 0; i < WATCHERS; i++) {
                UnixHttp client = UnixHttp.connect(engine.socket(), Duration.ofMinutes(3));
                clients.add(client);
                Response.Head head = client.open(Request.get("/containers/" + id + "/stats"));
                assertThat(head.status()).isEqualTo(200);
                Thread.ofVirtual().start(() -> count(client, head, objects));
            }
            Thread.sleep(2_000);
            int before = objects.get();
            Duration used = processorTime();
            Thread.sleep(10_000);
            int got = objects.get() - before;
            Duration more = processorTime().minus(used);
            System.out.printf(
                    "%s: %d objects for %d who watch in 10 s took %d ms of processor time%n",
                    form, got, WATCHERS, more.toMillis());
            assertThat(got).isBetween(WATCHERS * 5, WATCHERS * 11);
            assertThat(more).isLessThan(Duration.ofSeconds(10));
            // Meanwhile others are served.
            assertThat(call(Request.get("/containers/json")).status()).isEqualTo(200);
        } finally {
            for (UnixHttp client : clients) {
                client.close();
            }
        }
    }

    private static void count(UnixHttp client, Response.Head head, AtomicInteger objects) {
        var lines = new BufferedReader(new InputStreamReader(client.body(head), StandardCharsets.UTF_8));
        try {
            while (lines.readLine() != null) {
                objects.incrementAndGet();
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private Duration processorTime() {
        return ((Longshore) engine)
                .pids().stream()
                        .flatMap(pid -> ProcessHandle.of(pid).stream())
                        .flatMap(process -> process.info().totalCpuDuration().stream())
                        .reduce(Duration.ZERO, Duration::plus);
    }

    @Test
    void top() {
        String id = running("\"NetworkMode\":\"none\"");
        JsonNode top = call(Request.get(V + "/containers/" + id + "/top")).json();
        assertThat(top.path("Titles").toString())
                .isEqualTo("[\"UID\",\"PID\",\"PPID\",\"C\",\"STIME\",\"TTY\",\"TIME\",\"CMD\"]");
        assertThat(top.path("Processes").size()).isEqualTo(1);
        assertThat(top.at("/Processes/0").size()).isEqualTo(8);
        assertThat(top.at("/Processes/0/7").asString()).isEqualTo("sleep 60");
        refused(Request.get(V + "/containers/nosuch/top"), 404, "No such container: nosuch");
        refused(Request.get(V + "/containers/" + id + "/top?ps_args=--nosuch"), 500, "ps: error:");
        refused(Request.get(V + "/containers/" + create("true") + "/top"), 409, "is not running");
    }

    @Test
    void diskUsage() {
        String id = running("\"NetworkMode\":\"none\"");
        JsonNode usage = call(Request.get(V + "/system/df")).json();
        compare("df", usage);
        assertThat(usage.at("/Images/0/Containers").asInt()).isEqualTo(1);
        assertThat(usage.at("/Images/0/SharedSize").asInt(-1)).isZero();
        assertThat(usage.path("LayersSize").asLong())
                .isEqualTo(usage.at("/Images/0/Size").asLong());
        assertThat(usage.at("/Containers/0/Id").asString()).isEqualTo(id);
    }

    @Test
    void diskUsageOfTypes() {
        assumeTrue(form.longshore(), "Docker Engine here is older than the choice of types");
        String id = create("true", "\"Volumes\":{\"/data\":{}},");
        JsonNode volumes = call(Request.get("/system/df?type=volume")).json();
        assertThat(volumes.path("Images").isNull()).isTrue();
        assertThat(volumes.path("Containers").isNull()).isTrue();
        assertThat(volumes.at("/Volumes/0/UsageData/RefCount").asInt()).isEqualTo(1);
        assertThat(volumes.at("/Volumes/0/UsageData/Size").asInt(-2)).isZero();
        JsonNode both =
                call(Request.get("/system/df?type=container&type=build-cache")).json();
        assertThat(both.at("/Containers/0/Id").asString()).isEqualTo(id);
        assertThat(both.path("BuildCache").isArray()).isTrue();
        assertThat(both.path("Volumes").isNull()).isTrue();
        refused(Request.get("/system/df?type=swap"), 400, "unknown object type: swap");
    }

    private void compare(String what, JsonNode answer) {
        Map<String, String> flat = new TreeMap<>();
        flatten("", answer, flat);
        if (!form.longshore()) {
            ORACLE.put(what, flat);
            return;
        }
        Map<String, String> expected = ORACLE.get(what);
        if (expected == null) {
            return; // Docker Engine was not picked.
        }
        List<String> differences = new ArrayList<>();
        Map<String, String> all = new LinkedHashMap<>(expected);
        all.putAll(flat);
        for (String field : all.keySet()) {
            String theirs = expected.getOrDefault(field, "(none)");
            String ours = flat.getOrDefault(field, "(none)");
            if (!ours.equals(theirs) && !FieldExceptions.meant(what.split(",")[0], field)) {
                differences.add(field + ": Docker " + theirs + ", Longshore " + ours);
            }
        }
        assertThat(differences).as(what).isEmpty();
    }

    /** Leaves with their paths and types; elements of one list, of which there may be more or fewer each time, by the first. */
    private static void flatten(String path, JsonNode node, Map<String, String> into) {
        if (node.isObject() && !node.isEmpty()) {
            node.properties().forEach(member -> flatten(path + "." + member.getKey(), member.getValue(), into));
        } else if (node.isArray()) {
            into.put(path, "list");
            // What a container has read and written depends on what the machine had in memory.
            if (!node.isEmpty() && !path.startsWith(".blkio_stats")) {
                flatten(path + "[0]", node.get(0), into);
            }
        } else {
            into.put(path, node.isObject() ? "{}" : node.isNumber() ? "number" : node.isNull() ? "null" : "text");
        }
    }
}
