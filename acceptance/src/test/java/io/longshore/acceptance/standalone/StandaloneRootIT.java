package io.longshore.acceptance.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.process.Await;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The whole standalone form in JVMs of its own, with simulated drivers: start, refusals, stop and kill. */
@Order(6)
@Execution(ExecutionMode.CONCURRENT)
class StandaloneRootIT {
    /** A user that every Debian has, with a group of its name. */
    private static final String POSTGRES_USER = "backup";

    private final List<Process> jvms = new ArrayList<>();
    private Path directory;

    @BeforeEach
    void makeDirectory() throws IOException {
        assertThat(System.getProperty("user.name")).as("root tests need root").isEqualTo("root");
        directory = Files.createTempDirectory("longshore-standalone-it-");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        Files.writeString(directory.resolve("longshore.yaml"), """
                run:
                  directory: %1$s/run
                standalone:
                  work-directory: %1$s/work
                  postgres-user: %2$s
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
                """.formatted(directory, POSTGRES_USER));
    }

    @AfterEach
    void leaveNothing() throws IOException {
        jvms.forEach(jvm -> jvm.toHandle().destroyForcibly());
        await(() -> processesBelow(directory).isEmpty());
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void refusesASecondStartsAgainAfterAKillAndStopsWithinItsLimit() throws Exception {
        Process killed = start("killed");
        awaitReady(killed, "killed");
        assertThat(get("/_ping")).startsWith("HTTP/1.1 200").endsWith("OK");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("work"))))
                .isEqualTo("rwx--x---");
        assertRefused(start("second"), "second", "longshore: Longshore runs already on " + directory.resolve("work"));

        killed.toHandle().destroyForcibly();
        Process again = start("again"); // at once
        awaitReady(again, "again");
        assertThat(get("/_ping")).startsWith("HTTP/1.1 200").endsWith("OK");

        Instant began = Instant.now();
        again.toHandle().destroy();
        assertThat(again.waitFor(25, TimeUnit.SECONDS)).isTrue();
        assertThat(again.exitValue()).as("128 + SIGTERM").isEqualTo(143);
        assertThat(Instant.now()).isBefore(began.plusSeconds(25));
        assertThat(processesBelow(directory)).isEmpty();
        assertThat(directory.resolve("run/longshore.sock")).doesNotExist();
        assertThat(directory.resolve("work/longshore.pid")).doesNotExist();
    }

    @Test
    void databaseThatDoesNotComeBackEndsTheProcess() throws Exception {
        Process jvm = start("gone");
        awaitReady(jvm, "gone");
        Path data = directory.resolve("work/postgres/data");
        String server = Files.readAllLines(data.resolve("postmaster.pid")).getFirst();
        Files.move(data, data.resolveSibling("moved"));
        ProcessHandle.of(Long.parseLong(server)).orElseThrow().destroyForcibly();
        assertRefused(jvm, "gone", "longshore: PostgreSQL on " + data + " does not stay up, 5 restarts did not help");
    }

    @Test
    void unknownKeyIsOneLine() throws Exception {
        Files.writeString(directory.resolve("longshore.yaml"), "standalone:\n  work-dir: /x\n");
        assertRefused(start("key"), "key", "longshore: configuration: unknown key \"standalone.work-dir\"");
    }

    @Test
    void databaseOfOnesOwnIsRefused() throws Exception {
        Files.writeString(directory.resolve("longshore.yaml"), "database:\n  url: jdbc:postgresql://h/d\n");
        assertRefused(
                start("url"), "url", "longshore: configuration: database.url: the standalone form brings its own");
    }

    @Test
    void busySocketIsOneLine() throws Exception {
        Files.createDirectory(directory.resolve("run"));
        Files.setPosixFilePermissions(directory.resolve("run"), PosixFilePermissions.fromString("rwxr-x---"));
        try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            busy.bind(UnixDomainSocketAddress.of(directory.resolve("run/longshore.sock")));
            assertRefused(start("busy"), "busy", "longshore: socket " + directory + "/run/longshore.sock is in use");
        }
    }

    private Process start(String name) {
        Process jvm = Standalone.spawn(directory, name + ".out");
        jvms.add(jvm);
        return jvm;
    }

    private Path output(String name) {
        return directory.resolve(name + ".out");
    }

    private void awaitReady(Process jvm, String name) throws IOException {
        await(() -> !jvm.isAlive() || read(output(name)).contains("export DOCKER_HOST=unix://" + directory));
        assertThat(jvm.isAlive()).as(read(output(name))).isTrue();
    }

    /** The last line says why, nothing in the output is a stack trace that a user would see on the terminal. */
    private void assertRefused(Process jvm, String name, String line) throws Exception {
        assertThat(jvm.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(jvm.exitValue()).isEqualTo(1);
        assertThat(read(output(name)).lines().filter(said -> said.startsWith("longshore: ")))
                .singleElement()
                .asString()
                .startsWith(line);
        assertThat(read(output(name))).doesNotContain("\tat ");
    }

    private String get(String path) throws IOException {
        try (SocketChannel channel =
                SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("run/longshore.sock")))) {
            channel.write(ByteBuffer.wrap(("GET " + path + " HTTP/1.1\r\nHost: longshore\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII)));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            return "";
        }
    }

    /** JVMs and PostgreSQL processes that name the directory in their command. */
    private static List<String> processesBelow(Path directory) {
        return ProcessHandle.allProcesses()
                .map(process -> read(Path.of("/proc", Long.toString(process.pid()), "cmdline")))
                .filter(command -> command.contains(directory.toString()))
                .toList();
    }

    private static void await(BooleanSupplier condition) {
        assertThat(Await.until(Duration.ofMinutes(2), condition)).isTrue();
    }
}
