package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.running.PeakMemory;
import io.longshore.testbed.engine.Longshore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * A gigabyte into a container and out of it again at the same time, byte for byte, and without anybody keeping it: {@code cat file |
 * docker run -i busybox cat >copy}. {@code -Dacceptance.stream-mb} says another size.
 */
@Order(1)
@LongshoreOnly("what a gigabyte shows of it is that its log fills the disk")
class LargeStreamCliRootIT extends CliCases {
    private static final int MEGABYTES = Integer.getInteger("acceptance.stream-mb", 1024);
    private static final int MB = 1 << 20;
    /** What an attached client holds in three parts and a supervisor, and what a heap grows by, is far below the gigabyte. */
    private static final long MOST_GROWTH = 128L * MB;

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @Test
    void throughRun() throws IOException {
        passes("run -i --rm --network none busybox cat");
    }

    @Test
    void throughExec() throws IOException {
        docker.ok("run -d --name box --network none busybox sleep 600");
        passes("exec -i box cat");
    }

    private void passes(String command) throws IOException {
        Path file = write("file", new byte[0]);
        fill(file);
        Path copy = docker.home().resolve("copy");
        long begun = System.nanoTime();
        try (PeakMemory memory = new PeakMemory((Longshore) docker.engine())) {
            docker.transfer(command, file, copy, PATIENCE).ok().saysNothing();
            assertThat(memory.growth()).as("bytes of memory more than before").isLessThan(MOST_GROWTH);
            System.out.printf(
                    "%s: %d MB both ways through docker %s in %.1f s, at most %d MB more memory%n",
                    subject,
                    MEGABYTES,
                    command.substring(0, command.indexOf(' ')),
                    (System.nanoTime() - begun) / 1e9,
                    memory.growth() / MB);
        }
        assertThat(Files.mismatch(file, copy)).as("first byte that differs").isEqualTo(-1);
    }

    /** Every megabyte with bytes of all values, and unlike the others, so that none can be lost, doubled or moved. */
    private static void fill(Path file) throws IOException {
        byte[] block = new byte[MB];
        Random random = new Random(3);
        random.nextBytes(block);
        ByteBuffer numbers = ByteBuffer.wrap(block);
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < MEGABYTES; i++) {
                for (int at = 0; at < MB; at += 4096) {
                    numbers.putLong(at, (long) i << 32 | at);
                }
                out.write(block);
            }
        }
    }
}
