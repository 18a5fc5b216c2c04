package io.longshore.agent.stage.supervisor;

import static io.longshore.agent.stage.supervisor.Bench.SOON;
import static io.longshore.agent.stage.supervisor.Bench.alive;
import static io.longshore.agent.stage.supervisor.Bench.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.stage.SupervisorConfig.Stdin;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AttachRootIT {
    private static final int MB = 1 << 20;
    private static final int LONG_STREAM = 100 * MB;

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
    void halfCloseEndsTheProcessesInput() throws Exception {
        try (Bench.Supervised process = bench.create(config -> config.stdin(Stdin.ONCE));
                Attachment attached = process.attach(true)) {
            attached.output().write("early ".getBytes(StandardCharsets.UTF_8));
            process.start("/bin/sh", "-c", "cat; echo end >&2");
            attached.output().write("late".getBytes(StandardCharsets.UTF_8));
            attached.shutdownOutput();

            Frames frames = Frames.readAll(attached.input());

            assertThat(frames.out()).isEqualTo("early late");
            assertThat(frames.err()).isEqualTo("end\n");
            assertThat(process.waitFor()).isZero();
        }
    }

    @Test
    void openInputStaysOpenWhenAClientEnds() throws Exception {
        try (Bench.Supervised process = bench.run(config -> config.stdin(Stdin.OPEN), "/bin/cat")) {
            try (Attachment first = process.attach(true)) {
                first.output().write("one".getBytes(StandardCharsets.UTF_8));
                first.shutdownOutput();
                var frames = new Frames(first.input());
                assertThat(frames.readOne()).isTrue();
                assertThat(frames.out()).isEqualTo("one");
            }
            try (Attachment second = process.attach(true)) {
                second.output().write("two".getBytes(StandardCharsets.UTF_8));
                var frames = new Frames(second.input());
                assertThat(frames.readOne()).isTrue();
                assertThat(frames.out()).isEqualTo("two");
                process.client.closeStdin(SOON);
                assertThat(frames.readOne()).isFalse();
            }
            assertThat(process.waitFor()).isZero();
        }
    }

    /** As the kernel does it with the connections of an agent that is killed. */
    @Test
    void aConnectionThatIsGoneDoesNotEndTheInput() throws Exception {
        try (Bench.Supervised process = bench.run(config -> config.stdin(Stdin.ONCE), "/bin/cat")) {
            process.attach(true).close();
            Attachment second = process.attach(true);
            second.output().write("still open".getBytes(StandardCharsets.UTF_8));
            var frames = new Frames(second.input());
            assertThat(frames.readOne()).isTrue();
            assertThat(frames.out()).isEqualTo("still open");
            second.shutdownOutput();
            assertThat(frames.readOne()).isFalse();
            second.close();
            assertThat(process.waitFor()).isZero();
        }
    }

    @Test
    void inputOfAClientThatClosesAtOnceArrives() throws Exception {
        try (Bench.Supervised process = bench.create(config -> config.stdin(Stdin.ONCE))) {
            byte[] data = random(200_000, 3);
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                try (Attachment attached = SupervisorClient.attach(process.socket(), true, false, false, SOON)) {
                    attached.output().write(data);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            process.start("/bin/sh", "-c", "sleep 0.3; wc -c");
            writer.get(20, TimeUnit.SECONDS);
            process.client.closeStdin(SOON);
            assertThat(process.waitFor()).isZero();
            assertThat(Files.readString(process.logFile())).contains("\"log\":\"200000\\n\"");
        }
    }

    @Test
    void hundredMegabytesEachWay() throws Exception {
        try (Bench.Supervised process =
                        bench.create(config -> config.stdin(Stdin.ONCE).log(null));
                Attachment attached = process.attach(true)) {
            process.start("/bin/cat");
            byte[] block = random(MB, 7);
            var sent = new CRC32();
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                try {
                    OutputStream out = attached.output();
                    for (int i = 0; i < LONG_STREAM / MB; i++) {
                        block[0] = (byte) i;
                        sent.update(block);
                        out.write(block);
                    }
                    attached.shutdownOutput();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            Sum sum = sum(attached.input(), 0);
            writer.get(60, TimeUnit.SECONDS);
            assertThat(sum.bytes).isEqualTo(LONG_STREAM);
            assertThat(sum.crc.getValue()).isEqualTo(sent.getValue());
            assertThat(process.waitFor()).isZero();
        }
    }

    @Test
    void twoClientsAndASlowOneGetEveryByte() throws Exception {
        try (Bench.Supervised process = bench.create(config -> config.log(null));
                Attachment fast = process.attach(false);
                Attachment slow = process.attach(false)) {
            process.start("/bin/sh", "-c", "i=0; while [ $i -lt 40 ]; do cat /bin/busybox; i=$((i+1)); done");
            CompletableFuture<Sum> other = CompletableFuture.supplyAsync(() -> sumUnchecked(slow.input(), 1));
            Sum all = sum(fast.input(), 0);
            Sum behind = other.get(60, TimeUnit.SECONDS);
            assertThat(all.bytes).isEqualTo(40 * Files.size(bench.root.resolve("bin/busybox")));
            assertThat(behind.bytes).isEqualTo(all.bytes);
            assertThat(behind.crc.getValue()).isEqualTo(all.crc.getValue());
            assertThat(process.waitFor()).isZero();
        }
    }

    @Test
    void aStoppedReaderIsCutOffAndTheProcessGoesOn() throws Exception {
        try (Bench.Supervised process = bench.create(config -> config.stall(Duration.ofSeconds(1)));
                Attachment stopped = process.attach(false);
                Attachment reading = process.attach(false)) {
            CompletableFuture<Sum> whole = CompletableFuture.supplyAsync(() -> sumUnchecked(reading.input(), 0));
            process.start(
                    "/bin/sh", "-c", "i=0; while [ $i -lt 20000 ]; do echo line $i of a long text; i=$((i+1)); done");

            Sum sum = whole.get(30, TimeUnit.SECONDS);
            Frames frames = Frames.readAll(stopped.input());

            assertThat(process.waitFor()).isZero();
            assertThat(frames.system()).contains("output cut off: the client took nothing for 1 s");
            assertThat(frames.out()).startsWith("line 0 of a long text\nline 1 ");
            assertThat((long) frames.out().length()).isLessThan(sum.bytes);
            assertThat(Files.readAllLines(process.logFile())).hasSize(20000);
        }
    }

    @Test
    void aReaderOfAKilobyteASecondIsNotStalled() throws Exception {
        try (Bench.Supervised process = bench.create(config -> config.log(null).stall(Duration.ofSeconds(6)));
                Attachment slow = process.attach(false)) {
            process.start("/bin/sh", "-c", "cat /bin/busybox");
            byte[] head = new byte[14 * 1024];
            for (int second = 0; second < 14; second++) {
                TimeUnit.SECONDS.sleep(1);
                assertThat(slow.input().readNBytes(head, second * 1024, 1024)).isEqualTo(1024);
            }
            Frames frames = Frames.readAll(
                    new java.io.SequenceInputStream(new java.io.ByteArrayInputStream(head), slow.input()));
            assertThat(frames.system()).isEmpty();
            assertThat(frames.streams[1].size()).isEqualTo((int) Files.size(bench.root.resolve("bin/busybox")));
            assertThat(process.waitFor()).isZero();
        }
    }

    @Test
    void aSlowReaderCostsTheSupervisorItsBufferAndNoMore() throws Exception {
        try (Bench.Supervised process =
                        bench.run(config -> config.log(null), "/bin/sh", "-c", "while :; do cat /bin/busybox; done");
                Attachment slow = process.attach(false)) {
            long before = residentKilobytes(process.supervisor);
            for (int i = 0; i < 100; i++) {
                slow.input().readNBytes(64 * 1024);
                TimeUnit.MILLISECONDS.sleep(5);
            }
            assertThat(residentKilobytes(process.supervisor) - before).isLessThan(700);
            process.client.signal(9, SOON);
            assertThat(process.waitFor()).isEqualTo(137);
        }
    }

    private static long residentKilobytes(int pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aClientThatNeverReadsIsLetGoOf() throws Exception {
        try (Bench.Supervised process = bench.create(config -> config.stall(Duration.ofSeconds(1)));
                Attachment stopped = process.attach(false)) {
            process.start("/bin/sh", "-c", "cat /bin/busybox; exit 3");
            assertThat(process.waitFor()).isEqualTo(3);
            eventually("the supervisor is gone", () -> !alive(process.supervisor));
            assertThat(stopped.terminal()).isFalse();
        }
    }

    @Test
    void garbageAndSilentClientsDoNoHarm() throws Exception {
        try (Bench.Supervised process = bench.run(config -> config.stdin(Stdin.ONCE), "/bin/cat")) {
            for (byte[] noise :
                    new byte[][] {{9, 9, 9, 9}, {1}, {1, 1, 0, 0, -1, -1, -1, 127, 10, 0, 0, 0, 0}, random(5000, 5)}) {
                try (var channel = java.nio.channels.SocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
                    channel.connect(java.net.UnixDomainSocketAddress.of(process.socket()));
                    channel.write(java.nio.ByteBuffer.wrap(noise));
                }
            }
            try (SupervisorClient another = SupervisorClient.connect(process.socket(), SOON)) {
                assertThat(another.status().pid()).isEqualTo(process.pid());
                assertThat(another.status().state()).isEqualTo(SupervisorStatus.State.STARTED);
                another.closeStdin(SOON);
            }
            assertThat(process.waitFor()).isZero();
        }
    }

    @Test
    void manyClientsAttachAndLeave() throws Exception {
        try (Bench.Supervised process =
                bench.run(config -> config.stdin(Stdin.OPEN), "/bin/sh", "-c", "while read x; do echo got $x; done")) {
            for (int i = 0; i < 300; i++) {
                try (Attachment attached = process.attach(true)) {
                    attached.output().write(("n" + i + "\n").getBytes(StandardCharsets.UTF_8));
                    var frames = new Frames(attached.input());
                    assertThat(frames.readOne()).isTrue();
                    assertThat(frames.out()).isEqualTo("got n" + i + "\n");
                }
            }
            process.client.closeStdin(SOON);
            assertThat(process.waitFor()).isZero();
        }
    }

    private static final class Sum {
        private final CRC32 crc = new CRC32();
        private long bytes;
    }

    private static Sum sumUnchecked(InputStream in, int pause) {
        try {
            return sum(in, pause);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads frames of stdout; with a pause a slow reader is one that sleeps now and then. */
    private static Sum sum(InputStream in, int pause) throws IOException, InterruptedException {
        var sum = new Sum();
        var frames = new Frames(in);
        while (frames.readOne()) {
            byte[] payload = frames.streams[1].toByteArray();
            frames.streams[1].reset();
            sum.crc.update(payload);
            sum.bytes += payload.length;
            if (pause > 0 && sum.bytes % 7 == 0) {
                TimeUnit.MILLISECONDS.sleep(pause);
            }
        }
        return sum;
    }

    private static byte[] random(int size, long seed) {
        byte[] data = new byte[size];
        new Random(seed).nextBytes(data);
        return data;
    }
}
