package io.longshore.acceptance.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.api.ApiCases;
import io.longshore.acceptance.running.CompiledC;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.process.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * A container that may trace (CAP_SYS_PTRACE) lies in wait for exec sessions that are being made (CVE-2016-9962): however early it sees,
 * stops and reads one, it finds nothing that is not the container's. {@code -Dacceptance.traced=10000} is the full number of sessions.
 */
@Order(2)
class HostileExecRootIT extends ApiCases {
    private static final int SESSIONS = Integer.getInteger("acceptance.traced", 1000);
    private static final int AT_ONCE = 4;
    private static final String CANARY = "ACCEPTANCE_CANARY";
    private static final Pattern SUMMARY = Pattern.compile(
            "seen (\\d+), before exec (\\d+), traced (\\d+), memory of (\\d+), descriptors (\\d+), found (\\d+)");

    @Test
    void aTracerFindsNothingOfTheEngines() throws Exception {
        assumeTrue(engine instanceof Longshore, "it is not what is attacked, and takes minutes for as many sessions");
        assertThat(Files.readString(
                        Path.of("/proc/" + ((Longshore) engine).agentPid() + "/environ"), StandardCharsets.ISO_8859_1))
                .as("the agent has the canary")
                .contains(CANARY + "=" + canary());
        byte[] image = new TarArchive(Busybox.layer())
                .file("tracer", 0755, CompiledC.binary("tracer.c"))
                .bytes();
        assertThat(call(Request.postTar("/images/create?fromSrc=-&repo=tracer&tag=1", image))
                        .status())
                .isEqualTo(200);
        try {
            String id = tracer();
            run(id);
            judge(end(id));
            assertThat(call(Request.delete("/containers/" + id)).status()).isEqualTo(204);
        } finally {
            call(Request.delete("/images/tracer:1?force=1"));
        }
    }

    private static String canary() {
        return java.util.Objects.requireNonNull(System.getenv(CANARY), CANARY + " is not set by this module's pom.xml");
    }

    /** It gets the canary with every letter one later in the alphabet, so that it does not find it in itself. */
    private String tracer() {
        String shifted = canary().chars()
                .map(c -> c + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        Response created = call(Request.post(
                "/containers/create",
                "{\"Image\":\"tracer:1\",\"Cmd\":[\"/tracer\",\"" + shifted
                        + "\"],\"HostConfig\":{\"NetworkMode\":\"none\",\"CapAdd\":[\"SYS_PTRACE\"]}}"));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        String id = created.json().path("Id").asString();
        start(id);
        await(id, "watching");
        return id;
    }

    private String await(String id, String part) {
        String log = Await.answer(Duration.ofSeconds(20), () -> log(id), said -> said.contains(part));
        assertThat(log).contains(part);
        return log;
    }

    private String log(String id) {
        return call(Request.get("/containers/" + id + "/logs?stdout=1&stderr=1"))
                .text();
    }

    private void run(String id) throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Callable<Void>> shares = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                shares.add(() -> {
                    share(id, SESSIONS / AT_ONCE);
                    return null;
                });
            }
            for (Future<Void> share : clients.invokeAll(shares)) {
                share.get();
            }
        }
    }

    /** One session after the other, each fourth of them with a client that is attached, others with more or less than the container has. */
    private void share(String id, int sessions) throws IOException {
        try (UnixHttp http = connect()) {
            for (int i = 0; i < sessions; i++) {
                boolean attached = i % 4 == 0;
                String members = switch (i % 3) {
                    case 0 -> "";
                    case 1 -> "\"User\":\"daemon\",";
                    default -> "\"Tty\":true,";
                };
                Response created = http.exchange(Request.post(
                        "/containers/" + id + "/exec",
                        "{" + members + "\"AttachStdout\":true,\"Cmd\":[\"/bin/true\"]}"));
                assertThat(created.status()).as(created.text()).isEqualTo(201);
                String start = "/exec/" + created.json().path("Id").asString() + "/start";
                if (attached) {
                    try (UnixHttp client = connect()) {
                        client.open(Request.post(start, "{\"Detach\":false,\"Tty\":" + (i % 3 == 2) + "}"));
                        client.raw().readAllBytes();
                    }
                } else {
                    Response started =
                            http.exchange(Request.post(start, "{\"Detach\":true,\"Tty\":" + (i % 3 == 2) + "}"));
                    assertThat(started.status()).as(started.text()).isEqualTo(200);
                }
            }
        }
    }

    private String end(String id) {
        assertThat(call(Request.post("/containers/" + id + "/kill?signal=TERM")).status())
                .isEqualTo(204);
        String log = await(id, "seen ");
        assertThat(call(Request.post("/containers/" + id + "/wait"))
                        .json()
                        .path("StatusCode")
                        .asInt(-1))
                .isZero();
        return log;
    }

    private static void judge(String log) {
        Matcher summary = SUMMARY.matcher(log);
        assertThat(summary.find()).as(log).isTrue();
        System.out.println("tracer of " + SESSIONS + " sessions: " + summary.group());
        assertThat(log.lines().filter(line -> line.contains("found in"))).isEmpty();
        assertThat(Integer.parseInt(summary.group(6))).as("found").isZero();
        // It was in time, else the test shows nothing.
        assertThat(Integer.parseInt(summary.group(1))).as("processes seen").isGreaterThan(SESSIONS / 2);
        assertThat(Integer.parseInt(summary.group(2)))
                .as("processes seen before their exec")
                .isPositive();
        assertThat(Integer.parseInt(summary.group(3))).as("processes traced").isPositive();
        assertThat(Integer.parseInt(summary.group(4)))
                .as("processes whose memory was read")
                .isPositive();
        assertThat(Integer.parseInt(summary.group(5))).as("descriptors opened").isPositive();
    }
}
