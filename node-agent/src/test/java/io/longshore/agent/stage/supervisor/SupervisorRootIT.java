package io.longshore.agent.stage.supervisor;

import static io.longshore.agent.stage.supervisor.Bench.SOON;
import static io.longshore.agent.stage.supervisor.Bench.alive;
import static io.longshore.agent.stage.supervisor.Bench.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.stage.SupervisorConfig.Stdin;
import io.longshore.agent.stage.SupervisorConfig.Window;
import io.longshore.agent.stage.supervisor.SupervisorStatus.State;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SupervisorRootIT {
    private Bench bench;

    @BeforeEach
    void setUp() throws IOException {
        bench = newBench();
    }

    Bench newBench() throws IOException {
        return new Bench();
    }

    @AfterEach
    void tearDown() throws Exception {
        bench.close();
    }

    @Test
    void signalsToTheSupervisorDoNothing() throws Exception {
        try (Bench.Supervised process = bench.run(config -> config.stdin(Stdin.ONCE), "/bin/cat")) {
            for (int signal : new int[] {1, 2, 3, 11, 13, 15, 24, 25, 26, 27, 29, 30, 34, 64}) {
                bench.syscalls.kill(process.supervisor, signal);
                bench.syscalls.kill(-process.supervisor, signal); // its group; process 1 of a namespace ignores them
            }
            process.client.closeStdin(SOON);
            assertThat(process.waitFor()).isZero();
            assertThat(ExitRecord.read(process.exitFile())).isPresent();
        }
    }

    @Test
    void aKilledSupervisorLeavesNoRecord() throws Exception {
        try (Bench.Supervised process = bench.run(config -> config, "/bin/sleep", "1000")) {
            bench.kill(process.supervisor);
            assertThatThrownBy(() -> process.client.onEnd().get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("connection to the supervisor was lost");
            assertThat(alive(process.pid())).as("the caller kills the cgroup").isTrue();
            assertThat(ExitRecord.read(process.exitFile())).isEmpty();
            // The kernel closes its connections before its listener: in between a new one is taken and reset, which
            // says nothing.
            eventually("supervisor " + process.supervisor + " is gone", () -> !alive(process.supervisor));
            assertThatThrownBy(() -> SupervisorClient.connect(process.socket(), SOON))
                    .isInstanceOf(SupervisorGone.class);
            Files.delete(process.socket());
            assertThatThrownBy(() -> SupervisorClient.connect(process.socket(), SOON))
                    .isInstanceOf(SupervisorGone.class);
        }
    }

    @Test
    void aSupervisorKilledBeforeTheStartTakesTheProcessWithIt() throws Exception {
        try (Bench.Supervised process = bench.create(config -> config)) {
            int pid = process.client.awaitCreated(SOON).pid();
            bench.kill(process.supervisor);
            eventually("the process at the gate is gone", () -> !alive(pid));
            Files.delete(process.socket());
        }
    }

    @Test
    void aReturningAgentFindsAllAsItWas() throws Exception {
        try (Bench.Supervised process = bench.run(config -> config.stdin(Stdin.ONCE), "/bin/cat")) {
            SupervisorStatus before = process.client.status();
            process.client.close();
            try (SupervisorClient again = SupervisorClient.connect(process.socket(), SOON);
                    Attachment attached = process.attach(true)) {
                assertThat(again.status()).isEqualTo(before);
                assertThat(new ProcessIdentity(before.pid(), before.startTicks()).isAlive())
                        .isTrue();
                assertThat(new ProcessIdentity(before.pid(), before.startTicks() + 1).isAlive())
                        .isFalse();
                assertThat(again.status().state()).isEqualTo(State.STARTED);
                attached.output().write("still here\n".getBytes(StandardCharsets.UTF_8));
                attached.shutdownOutput();
                assertThat(Frames.readAll(attached.input()).out()).isEqualTo("still here\n");
                assertThat(again.onEnd().get(20, TimeUnit.SECONDS).exitStatus()).isZero();
            }
        }
    }

    @Test
    void anExitWhileNobodyLooksIsRecorded() throws Exception {
        try (Bench.Supervised process = bench.run(config -> config, "/bin/sh", "-c", "sleep 0.2; exit 17")) {
            process.client.close();
            eventually("the supervisor is gone", () -> !alive(process.supervisor));
            assertThat(ExitRecord.read(process.exitFile()).orElseThrow().status())
                    .isEqualTo(17);
            assertThat(process.socket()).doesNotExist();
        }
    }

    @Test
    void aSupervisorWhoseDirectoryIsGoneEndsToo() throws Exception {
        try (Bench.Supervised process =
                bench.run(config -> config.stdin(Stdin.ONCE).log(null), "/bin/cat")) {
            try (var files = Files.newDirectoryStream(process.home)) {
                for (var file : files) {
                    if (!file.equals(process.socket())) {
                        Files.delete(file);
                    }
                }
            }
            process.client.closeStdin(SOON);
            assertThat(process.waitFor()).isZero();
            eventually("the supervisor is gone", () -> !alive(process.supervisor));
        }
    }

    @Test
    void aClientOfAnotherVersionIsToldSo() throws Exception {
        try (Bench.Supervised process = bench.run(config -> config, "/bin/sleep", "1000");
                var channel = java.nio.channels.SocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            channel.connect(java.net.UnixDomainSocketAddress.of(process.socket()));
            channel.write(java.nio.ByteBuffer.wrap(new byte[] {2, 1, 0, 0}));
            var reply = java.nio.ByteBuffer.allocate(5);
            while (channel.read(reply) >= 0) {
                // until the end
            }
            assertThat(reply.flip().remaining()).isEqualTo(4);
            assertThat(reply.get(0)).isEqualTo((byte) 1);
            assertThat(reply.get(1)).isEqualTo((byte) Errno.EPROTO.number());
        }
    }

    @Test
    void nobodyStartsItInTime() throws Exception {
        try (Bench.Supervised process = bench.create(config -> config.grace(Duration.ofSeconds(1)))) {
            int pid = process.client.awaitCreated(SOON).pid();
            process.client.close();
            eventually("all is gone", () -> !alive(pid) && !alive(process.supervisor));
        }
    }

    @Test
    void commandsThatDoNotFitTheStateSaySo() throws Exception {
        try (Bench.Supervised process = bench.create(config -> config)) {
            process.client.awaitCreated(SOON);
            assertThatThrownBy(() -> process.client.signal(9, SOON)).hasMessageContaining("ESRCH");
            assertThatThrownBy(() -> process.client.resize(80, 25, SOON)).hasMessageContaining("ENOTTY");
            process.start("/bin/sleep", "1000");
            assertThatThrownBy(() -> process.client.abort(SOON)).hasMessageContaining("EBUSY");
            assertThatThrownBy(() -> process.start("/bin/true"))
                    .isInstanceOf(ErrnoException.class)
                    .hasMessageContaining("EBUSY");
            assertThatThrownBy(() -> process.client.signal(99, SOON)).hasMessageContaining("EINVAL");
            process.client.signal(9, SOON);
            assertThat(process.waitFor()).isEqualTo(137);
            eventually("the supervisor is gone", () -> !alive(process.supervisor));
            long before = System.nanoTime();
            assertThatThrownBy(() -> process.client.signal(9, SOON)).isInstanceOf(IOException.class);
            assertThat(System.nanoTime() - before).as("at once").isLessThan(SOON.toNanos() / 2);
        }
    }

    @Test
    void aTerminalHasTheSizeItIsGiven() throws Exception {
        try (Bench.Supervised process = bench
        .new Supervised(config -> config.terminal(new Window(100, 30)).stdin(Stdin.OPEN), bench::terminal)) {
            process.client.awaitCreated(SOON);
            Attachment attached = process.attach(true);
            assertThat(attached.terminal()).isTrue();
            process.start("/bin/sh", "-c", "tty; stty size; read x; stty size; echo got $x; exit 4");
            var seen = new StringBuilder();
            read(attached, seen, "/dev/pts/0\r\n30 100\r\n");
            process.client.resize(132, 43, SOON);
            attached.output().write("word\n".getBytes(StandardCharsets.UTF_8));
            read(attached, seen, "word\r\n43 132\r\ngot word\r\n");
            assertThat(process.waitFor()).isEqualTo(4);
            assertThat(attached.input().read()).isEqualTo(-1);
            attached.close();
            assertThat(Files.readString(process.logFile()))
                    .contains("\"log\":\"43 132\\r\\n\",\"stream\":\"stdout\"")
                    .doesNotContain("stderr");
        }
    }

    @Test
    void controlCReachesAProcessInTheTerminal() throws Exception {
        try (Bench.Supervised process = bench
                .new Supervised(config -> config.terminal(new Window(80, 25)).stdin(Stdin.OPEN), bench::terminal);
                Attachment attached = process.attach(true)) {
            process.start("/bin/sh", "-c", "trap 'exit 3' INT; echo ready; while :; do sleep 0.05; done");
            read(attached, new StringBuilder(), "ready");
            attached.output().write(3);
            assertThat(process.waitFor()).isEqualTo(3);
        }
    }

    @Test
    void fiftyAtOnceLeaveNothing() throws Exception {
        int count = 50;
        var done = new CountDownLatch(count);
        int[] statuses = new int[count];
        Arrays.fill(statuses, -1);
        for (int i = 0; i < count; i++) {
            int number = i;
            Thread.ofVirtual().start(() -> {
                try (Bench.Supervised process = bench.run(config -> config, "/bin/sh", "-c", "exit " + number)) {
                    statuses[number] = process.waitFor();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                } finally {
                    done.countDown();
                }
            });
        }
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < count; i++) {
            assertThat(statuses[i]).isEqualTo(i);
        }
    }

    private static void read(Attachment attached, StringBuilder seen, String until) throws IOException {
        byte[] buffer = new byte[4096];
        while (seen.indexOf(until) < 0) {
            int count = attached.input().read(buffer);
            assertThat(count).as("end before %s in %s", until, seen).isPositive();
            seen.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
        }
    }
}
