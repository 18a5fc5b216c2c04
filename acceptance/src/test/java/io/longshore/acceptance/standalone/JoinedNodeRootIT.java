package io.longshore.acceptance.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.process.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A standalone and a machine that joins it, in JVMs of their own with simulated drivers, over TCP on loopback. */
@Order(6)
@Execution(ExecutionMode.CONCURRENT)
class JoinedNodeRootIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern NODE = Pattern.compile("This machine is node ([0-9a-f]+)");

    private final List<Process> jvms = new ArrayList<>();
    private Path directory;
    private Path first;
    private Path second;
    private int port;

    @BeforeEach
    void makeDirectories() throws IOException {
        assertThat(System.getProperty("user.name")).as("root tests need root").isEqualTo("root");
        directory = Files.createTempDirectory("longshore-joined-it-");
        passable(directory);
        port = freePort();
        first = machine("first", "listen:\n  fleet: 127.0.0.1:" + port + "\n");
        second = machine("second", "");
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static void passable(Path path) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
    }

    private Path machine(String name, String more) throws IOException {
        Path root = Files.createDirectory(directory.resolve(name));
        passable(root);
        Files.writeString(root.resolve("longshore.yaml"), more + """
                run:
                  directory: %1$s/run
                standalone:
                  work-directory: %1$s/work
                  postgres-user: backup
                  postgres-binaries: /var/tmp/longshore-test-postgres-root
                gateway:
                  socket-group: ""
                agent:
                  run-directory: %1$s/agent
                  drivers:
                    exec: simulated
                    graph: simulated
                    volume: simulated
                    network: simulated
                """.formatted(root));
        return root;
    }

    @AfterEach
    void leaveNothing() throws IOException {
        jvms.forEach(jvm -> jvm.toHandle().destroyForcibly());
        await(() -> ProcessHandle.allProcesses()
                .noneMatch(process -> read(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
                        .contains(directory.toString())));
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void aMachineJoinsDiesComesBackAndIsRemoved() throws Exception {
        start(first, "up.out", "export DOCKER_HOST=");
        String token = JSON.readTree(ask("POST", "/api/v1/join-tokens", "{}"))
                .path("token")
                .asString();
        String forged = token.replaceFirst("[0-9a-f]{64}$", "0".repeat(64));
        assertThat(join("forged.out", forged)).isEqualTo(1);
        assertThat(read(second.resolve("forged.out")))
                .containsPattern("longshore: join token [0-9a-f]{12} is not known")
                .doesNotContain("\tat ");
        assertThat(join("join.out", token)).as(read(second.resolve("join.out"))).isZero();
        Matcher joined = NODE.matcher(read(second.resolve("join.out")));
        assertThat(joined.find()).isTrue();
        Process agent = start(second, "agent.out", "docker  speaks to the fleet");
        assertThat(read(second.resolve("agent.out"))).contains("fleet   https://127.0.0.1:" + port);
        await(() -> state("other").equals("ready"));
        JsonNode node = JSON.readTree(ask("GET", "/nodes/other", ""));
        assertThat(node.path("ID").asString()).isEqualTo(joined.group(1));
        assertThat(node.path("Spec").path("Availability").asString()).isEqualTo("active");
        assertThat(JSON.readTree(ask("GET", "/nodes", ""))).hasSize(2);
        assertThat(JSON.readTree(ask("GET", "/info", "")).path("NCPU").asInt())
                .isEqualTo(2 * Runtime.getRuntime().availableProcessors());

        agent.toHandle().destroyForcibly();
        await(() -> state("other").equals("down"));
        start(second, "again.out", "docker  speaks to the fleet");
        await(() -> state("other").equals("ready"));

        ask("DELETE", "/nodes/other?force=true", "");
        Path log = second.resolve("work/log/longshore.log");
        await(() -> Pattern.compile("was removed from the fleet|is revoked")
                .matcher(read(log))
                .find());
        assertThat(JSON.readTree(ask("GET", "/nodes", ""))).hasSize(1);
    }

    private int join(String log, String token) throws Exception {
        Process join = Standalone.join(
                second,
                log,
                "--server",
                "127.0.0.1:" + port,
                "--name",
                "other",
                "--listen",
                "127.0.0.1:" + freePort(),
                "--token",
                token);
        jvms.add(join);
        assertThat(join.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return join.exitValue();
    }

    private Process start(Path machine, String log, String ready) {
        Process jvm = Standalone.spawn(machine, log);
        jvms.add(jvm);
        await(() -> !jvm.isAlive() || read(machine.resolve(log)).contains(ready));
        assertThat(jvm.isAlive()).as(read(machine.resolve(log))).isTrue();
        return jvm;
    }

    private String state(String node) {
        try {
            String answer = answer("GET", "/nodes/" + node, "");
            return answer.startsWith("HTTP/1.1 200")
                    ? JSON.readTree(body(answer)).path("Status").path("State").asString("")
                    : answer;
        } catch (IOException e) {
            return e.toString();
        }
    }

    private String ask(String method, String path, String body) throws IOException {
        String answer = answer(method, path, body);
        assertThat(answer).startsWith("HTTP/1.1 2");
        return body(answer);
    }

    private static String body(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    /** Head and body: HTTP/1.0 knows no chunks. */
    private String answer(String method, String path, String body) throws IOException {
        try (SocketChannel channel =
                SocketChannel.open(UnixDomainSocketAddress.of(first.resolve("run/longshore.sock")))) {
            channel.write(ByteBuffer.wrap((method + " " + path + " HTTP/1.0\r\nHost: longshore\r\n"
                            + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                    .getBytes(StandardCharsets.US_ASCII)));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            return "";
        }
    }

    private static void await(BooleanSupplier condition) {
        assertThat(Await.until(Duration.ofMinutes(2), condition)).isTrue();
    }
}
