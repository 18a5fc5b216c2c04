package io.longshore.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.log.ContainerLog;
import io.longshore.agent.log.LogQuery;
import io.longshore.agent.log.LogReader;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.stream.ByteStream;
import io.longshore.oci.fixture.TestImage;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A container that counts, in a log of three files of a megabyte, while readers follow, one of which stops reading, and the agent is
 * killed and started again twice. What kills it meets a rotation: there are dozens in a second.
 */
class LogLoadRootIT {
    private static final int LIVES = 3;
    /** Four megabytes a second at most: who is held up for half a second still finds everything. */
    private static final String STEADILY = counting("[ $((i % 400)) -ne 0 ] || sleep 0.02;");

    private static final String AS_FAST_AS_IT_CAN = counting("");
    /** Longer than any turn of a busy machine with two processors, and far shorter than the minute after which a reader is cut off. */
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    @TempDir
    private Path directory;

    private final Path run = Path.of("/run/ls-log-" + ProcessHandle.current().pid());
    private final String cgroups = "/ls-log-" + ProcessHandle.current().pid();
    private final AtomicBoolean ended = new AtomicBoolean();

    private static String counting(String pause) {
        return "trap 'echo end; exit 0' TERM; i=0; while :; do echo $i; i=$((i+1)); " + pause + " done";
    }

    @Test
    void jsonFilesThatKeepUp() throws Exception {
        count("json-file", STEADILY, true);
    }

    @Test
    void compressedFilesThatKeepUp() throws Exception {
        count("local", STEADILY, true);
    }

    @Test
    void aWriterThatNoReaderCanFollow() throws Exception {
        count("json-file", AS_FAST_AS_IT_CAN, false);
    }

    private void count(String driver, String script, boolean keptUp) throws Exception {
        AgentProcess process = AgentProcess.start(directory, run, cgroups);
        ContainerSpec spec;
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            AgentUnderTest agent = new AgentUnderTest(process.socket());
            List<Digest> layers = agent.load(
                    new ByteArrayInputStream(TestImage.busybox("test:latest").archive()));
            spec = Specs.of(layers, "sh", "-c", script).withLog(driver).spec(ContainerId.random());
            ContainerLog log = ContainerLog.of(spec, directory.resolve("work/containers/" + spec.id()));
            agent.apply(spec, 1);
            Numbers direct = new Numbers();
            Future<?> follower = threads.submit(() -> {
                new LogReader(log, ended::get).read(query(true, -1), true, direct);
                return null;
            });
            Future<Long> pauses = threads.submit(() -> longestPause(log));
            for (int life = 1; life <= LIVES; life++) {
                try (ByteStream stopped = agent.logs(spec.id(), "&follow=1");
                        ByteStream followed = agent.logs(spec.id(), "&follow=1&tail=1")) {
                    assertThat(stopped.input().read()).isOne();
                    Numbers numbers = new Numbers();
                    Future<?> through = threads.submit(() -> unframe(followed, numbers));
                    TimeUnit.MILLISECONDS.sleep(1_500);
                    if (life < LIVES) {
                        process.kill();
                    } else {
                        agent.signal(spec.id(), 15, 10);
                        assertThat(agent.awaitEnd(spec.id()).exitCode()).isZero();
                    }
                    through.get(20, TimeUnit.SECONDS);
                    numbers.check(keptUp);
                }
                if (life < LIVES) {
                    agent.close();
                    process = AgentProcess.start(directory, run, cgroups);
                    agent = new AgentUnderTest(process.socket());
                }
            }
            ended.set(true);
            follower.get(30, TimeUnit.SECONDS);
            direct.check(keptUp);
            assertThat(direct.over).isTrue();
            assertThat(pauses.get(20, TimeUnit.SECONDS)).isLessThan(LONGEST_PAUSE_MILLIS);
            checkFiles(log);
            assertThat(agent.logText(spec.id(), "&tail=1")).isEqualTo("end\n");
            agent.remove(spec.id(), false);
            agent.close();
        } finally {
            ended.set(true);
            process.stop();
        }
        new NodeLeftovers(directory, run, cgroups).assertNone();
        new NodeLeftovers(directory, run, cgroups).remove();
    }

    private static LogQuery query(boolean follow, long tail) {
        return new LogQuery(true, true, follow, false, false, null, null, tail);
    }

    /** The longest time in which the log did not grow. */
    private long longestPause(ContainerLog log) throws IOException, InterruptedException {
        long longest = 0;
        long since = System.nanoTime();
        long before = -1;
        while (!ended.get()) {
            Numbers last = new Numbers();
            new LogReader(log, () -> true).read(query(false, 2), true, last);
            long now = System.nanoTime();
            longest = Math.max(longest, now - since);
            if (last.last != before || last.over) {
                since = now;
                before = last.last;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return TimeUnit.NANOSECONDS.toMillis(longest);
    }

    private static Void unframe(ByteStream stream, Numbers into) {
        try (DataInputStream input = new DataInputStream(stream.input())) {
            while (true) {
                assertThat(input.readInt()).isEqualTo(1 << 24);
                into.write(input.readNBytes(input.readInt()));
            }
        } catch (IOException | Failure e) {
            return null; // The agent has gone, or the log is over.
        }
    }

    private static List<Path> files(ContainerLog log) throws IOException {
        try (Stream<Path> files = Files.list(log.path().resolveSibling(""))) {
            return files.filter(file -> file.toString().startsWith(log.path().toString()))
                    .toList();
        }
    }

    /** What lies there in the end is within its limits, and is the whole last part of what was written. */
    private static void checkFiles(ContainerLog log) throws Exception {
        List<Path> found = files(log);
        // One that is being compressed as the container ends lies there twice until that is done.
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (found.size() > 3 && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(20);
            found = files(log);
        }
        assertThat(found).hasSizeBetween(2, 3);
        for (Path file : found) {
            assertThat(Files.size(file)).isLessThan((1 << 20) + 200);
        }
        Numbers rest = new Numbers();
        new LogReader(log, () -> true).read(query(false, -1), true, rest);
        rest.check(true);
        assertThat(rest.over).isTrue();
        assertThat(rest.count).isGreaterThan(10_000);
    }

    /** Looks that no number comes twice or too late, and counts where some are missing. */
    private static final class Numbers extends OutputStream {
        private final StringBuilder line = new StringBuilder();
        private long last = -1;
        private long count;
        private long gaps;
        private boolean over;

        @Override
        public void write(int b) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            for (int i = offset; i < offset + length; i++) {
                if (bytes[i] == '\n') {
                    take(line.toString());
                    line.setLength(0);
                } else {
                    line.append((char) bytes[i]);
                }
            }
        }

        private void take(String text) {
            assertThat(over).as("%s after the end", text).isFalse();
            if (text.equals("end")) {
                over = true;
                return;
            }
            long number = Long.parseLong(text);
            assertThat(number).isGreaterThan(last);
            gaps += last >= 0 && number != last + 1 ? 1 : 0;
            last = number;
            count++;
        }

        void check(boolean keptUp) {
            assertThat(count).isPositive();
            if (keptUp) {
                assertThat(gaps).as("gaps in %d lines", count).isZero();
            }
        }
    }
}
