package io.longshore.agent.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogReaderTest {
    /** Bytes of a follower, half of what sixty files of ten lines have. */
    private static final int FAR_BEHIND = 60 * 10 * 5 / 2;

    private static final LogQuery ALL = new LogQuery(true, true, false, false, false, null, null, -1);
    private static final Instant TIME = Instant.parse("2030-01-01T00:00:00.5Z");

    @TempDir
    private Path directory;

    private Path log = Path.of("");
    private final AtomicBoolean ended = new AtomicBoolean(true);

    @BeforeEach
    void place() {
        log = directory.resolve("c-json.log");
    }

    @Test
    void framesCarryTheirStream() throws Exception {
        write(0, entry("out\n", "stdout", 0), entry("err\n", "stderr", 1));
        byte[] bytes = read(ALL, false);
        assertThat(bytes).startsWith(1, 0, 0, 0, 0, 0, 0, 4, 'o', 'u', 't', '\n', 2, 0, 0, 0, 0, 0, 0, 4, 'e');
        assertThat(bytes).hasSize(24);
    }

    @Test
    void manyFilesCostNoMoreMemoryThanOne() throws Exception {
        for (int number = 0; number < 500; number++) {
            write(number, entry(number + "\n", "stdout", 500 - number));
        }
        var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        read(ALL, false);
        long before = threads.getCurrentThreadAllocatedBytes();
        byte[] bytes = read(ALL, false);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(8L << 20);
        assertThat(bytes).hasSizeGreaterThan(500 * 10);
    }

    @Test
    void aTerminalHasNoFrames() throws Exception {
        write(0, entry("a\r\n", "stdout", 0), entry("b\r\n", "stdout", 1));
        assertThat(text(ALL)).isEqualTo("a\r\nb\r\n");
    }

    @Test
    void oneStreamOnly() throws Exception {
        write(0, entry("out\n", "stdout", 0), entry("err\n", "stderr", 1));
        assertThat(text(new LogQuery(false, true, false, false, false, null, null, -1)))
                .isEqualTo("err\n");
        assertThat(text(new LogQuery(true, false, false, false, false, null, null, -1)))
                .isEqualTo("out\n");
    }

    @Test
    void timestampsHaveNineDigitsAndStandAtTheStartOfALineOnly() throws Exception {
        write(
                0,
                entry("a long ", "stdout", 0),
                entry("err\n", "stderr", 1),
                entry("line\n", "stdout", 2),
                entry("next\n", "stdout", 3));
        assertThat(text(new LogQuery(true, true, false, true, false, null, null, -1)))
                .isEqualTo("""
                        2030-01-01T00:00:00.500000000Z a long 2030-01-01T00:00:01.500000000Z err
                        line
                        2030-01-01T00:00:03.500000000Z next
                        """);
    }

    @Test
    void rotatedFilesAreReadOldestFirst() throws Exception {
        write(2, entry("1\n", "stdout", 1));
        write(1, entry("2\n", "stdout", 2));
        write(0, entry("3\n", "stdout", 3));
        assertThat(text(ALL)).isEqualTo("1\n2\n3\n");
    }

    @Test
    void tailTakesTheLastLinesAcrossFiles() throws Exception {
        write(2, entry("1\n", "stdout", 1), entry("2\n", "stdout", 2));
        write(1, entry("3\n", "stdout", 3));
        write(0, entry("4\n", "stdout", 4), entry("5\n", "stdout", 5));
        for (int wanted = 0; wanted <= 6; wanted++) {
            String last = IntStream.rangeClosed(Math.max(1, 6 - wanted), 5)
                    .mapToObj(i -> i + "\n")
                    .collect(Collectors.joining());
            assertThat(text(tail(wanted))).as("tail %d", wanted).isEqualTo(last);
        }
    }

    @Test
    void tailCountsALineOfSeveralPiecesOnce() throws Exception {
        write(
                0,
                entry("a\n", "stdout", 0),
                entry("b1", "stdout", 1),
                entry("b2\n", "stdout", 2),
                entry("c", "stdout", 3));
        assertThat(text(tail(1))).isEqualTo("c");
        assertThat(text(tail(2))).isEqualTo("b1b2\nc");
        assertThat(text(tail(3))).isEqualTo("a\nb1b2\nc");
    }

    @Test
    void tailOfALargeLogReadsBlocksFromTheEnd() throws Exception {
        String[] entries = IntStream.range(0, 20_000)
                .mapToObj(i -> entry("line " + i + "\n", "stdout", i))
                .toArray(String[]::new);
        write(0, entries);
        assertThat(text(tail(3))).isEqualTo("line 19997\nline 19998\nline 19999\n");
        assertThat(text(tail(10_000))).startsWith("line 10000\n").endsWith("line 19999\n");
    }

    @Test
    void sinceAndUntilAreBothInclusive() throws Exception {
        write(0, entry("1\n", "stdout", 1), entry("2\n", "stdout", 2), entry("3\n", "stdout", 3));
        assertThat(text(new LogQuery(true, true, false, false, false, TIME.plusSeconds(2), null, -1)))
                .isEqualTo("2\n3\n");
        assertThat(text(new LogQuery(true, true, false, false, false, null, TIME.plusSeconds(2), -1)))
                .isEqualTo("1\n2\n");
    }

    @Test
    void anUnfinishedOrBrokenEntryIsNoLine() throws Exception {
        write(0, entry("1\n", "stdout", 1), "{\"log\":\"cut", "garbage", entry("2\n", "stdout", 2));
        Files.writeString(log, "{\"log\":\"being writ", StandardOpenOption.APPEND);
        assertThat(text(ALL)).isEqualTo("1\n2\n");
        assertThat(text(tail(1))).isEqualTo("2\n");
    }

    @Test
    void detailsStandBeforeALineAndAfterItsTime() throws Exception {
        write(
                0,
                "{\"log\":\"a \",\"stream\":\"stdout\",\"attrs\":{\"b\":\"x y~*\",\"a&\":\"ü=\",\"c\":{\"d\":1}},"
                        + "\"time\":\"2030-01-01T00:00:00Z\"}",
                entry("line\n", "stdout", 1),
                entry("plain\n", "stdout", 2));
        assertThat(text(new LogQuery(true, true, false, false, true, null, null, -1)))
                .isEqualTo("a%26=%C3%BC%3D,b=x+y~%2A a line\n plain\n");
        assertThat(text(new LogQuery(true, true, false, true, true, null, null, 1)))
                .isEqualTo("2030-01-01T00:00:02.500000000Z  plain\n");
    }

    @Test
    void aContainerThatWritesFasterThanItIsReadDoesNotKeepTheReader() throws Exception {
        write(0, entry("1\n", "stdout", 1));
        OutputStream grows = new OutputStream() {
            @Override
            public void write(int b) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                Files.writeString(log, entry("x".repeat(40_000) + "\n", "stdout", 2) + "\n", StandardOpenOption.APPEND);
            }
        };
        write(0, entry("x".repeat(40_000) + "\n", "stdout", 2));
        long before = Files.size(log);
        reader().read(ALL, true, grows);
        assertThat(Files.size(log)).isLessThan(5 * before);
    }

    @Test
    void olderFilesThatEndBeforeSinceAreNotRead() throws Exception {
        write(1, "not looked at", entry("1\n", "stdout", 9));
        write(0, entry("2\n", "stdout", 9));
        Files.setLastModifiedTime(numbered(1), FileTime.from(TIME));
        assertThat(text(new LogQuery(true, true, false, false, false, TIME.plusSeconds(5), null, -1)))
                .isEqualTo("2\n");
    }

    @Test
    void aFollowerThatRotationHasOvertakenGoesOnWithWhatIsThere() throws Exception {
        try (LogFile known = Objects.requireNonNull(open("1"))) {
            rotate(2);
            write(0, entry("2\n", "stdout", 2));
            rotate(2);
            write(0, entry("3\n", "stdout", 3));
            rotate(2);
            write(0, entry("4\n", "stdout", 4));
            List<LogFile> newer = new ShiftedFiles(log).newerThan(known, 10).files();
            assertThat(newer).hasSize(2);
            for (LogFile file : newer) {
                file.close();
            }
        }
    }

    /** Files 0 to count - 1, of which each has its number from the oldest on. */
    private void manyFiles(int count) throws IOException {
        for (int number = 0; number < count; number++) {
            write(number, entry(count - 1 - number + "\n", "stdout", count - number));
        }
    }

    private static String numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> i + "\n").collect(Collectors.joining());
    }

    private long open() throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(one -> {
                        try {
                            return Files.readSymbolicLink(one).startsWith(directory);
                        } catch (IOException e) {
                            return false; // closed meanwhile
                        }
                    })
                    .count();
        }
    }

    @Test
    void aReaderThatStandsStillHasFewFilesOpenAndLosesNoneThatGoAwayMeanwhile() throws Exception {
        manyFiles(200);
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public synchronized void write(byte[] bytes, int offset, int length) {
                super.write(bytes, offset, length);
                reading.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            LogQuery follow = new LogQuery(true, true, true, false, false, null, null, -1);
            ended.set(false);
            Future<?> reader = threads.submit(() -> {
                reader().read(follow, true, out);
                return true;
            });
            reading.await();
            assertThat(open()).isBetween(1L, 18L);
            for (int i = 0; i < 10; i++) {
                rotate(200);
                write(0, entry(200 + i + "\n", "stdout", 300));
            }
            ended.set(true);
            goOn.countDown();
            reader.get(30, TimeUnit.SECONDS);
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(numbers(0, 210));
        assertThat(open()).isZero();
    }

    @Test
    void tailGoesBackThroughManyFiles() throws Exception {
        manyFiles(100);
        assertThat(text(tail(60))).isEqualTo(numbers(40, 100));
        assertThat(text(tail(1000))).isEqualTo(numbers(0, 100));
        assertThat(text(ALL)).isEqualTo(numbers(0, 100));
        assertThat(open()).isZero();
    }

    private @Nullable LogFile open(String text) throws IOException {
        write(0, entry(text + "\n", "stdout", 1));
        return LogFile.open(log, 0);
    }

    @Test
    void noLogIsAnEmptyLog() throws Exception {
        assertThat(text(ALL)).isEmpty();
        assertThat(text(tail(5))).isEmpty();
    }

    @Test
    void controlCharactersAndOtherLettersComeBackAsTheyWere() throws Exception {
        write(
                0,
                "{\"log\":\"\\u001b[1m\\u003cb\\u003e\\\\ \\\" ü €\\n\",\"stream\":\"stdout\",\"time\":\"2030-01-01T00:00:00Z\"}");
        assertThat(text(ALL)).isEqualTo("\u001b[1m<b>\\ \" ü €\n");
    }

    @Test
    void followAcrossRotationLosesAndDoublesNothing() throws Exception {
        ended.set(false);
        int lines = 5_000;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> reader = threads.submit(() -> {
                reader().read(new LogQuery(true, true, true, false, false, null, null, -1), true, out);
                return null;
            });
            int written = 0;
            for (int i = 0; i < lines; i++) {
                if (i % 10 == 9) {
                    rotate(60);
                    awaitSize(out, written - FAR_BEHIND);
                }
                String text = i + "\n";
                Files.writeString(
                        log, entry(text, "stdout", i) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                written += text.length();
            }
            ended.set(true);
            reader.get(30, TimeUnit.SECONDS);
        }
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo(IntStream.range(0, lines).mapToObj(i -> i + "\n").collect(Collectors.joining()));
    }

    /** What is rotated away before the reader has come to it, or has even begun, is not its fault. */
    private static void awaitSize(ByteArrayOutputStream out, int size) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (out.size() < size && System.nanoTime() < end) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void followOfALogThatIsRotatedByEmptyingGoesOn() throws Exception {
        ended.set(false);
        CountDownLatch first = new CountDownLatch(1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OutputStream watched = new OutputStream() {
            @Override
            public void write(int b) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                out.write(bytes, offset, length);
                first.countDown();
            }
        };
        write(0, entry("before, and long enough\n", "stdout", 0));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> reader = threads.submit(() -> {
                reader().read(new LogQuery(true, true, true, false, false, null, null, -1), true, watched);
                return null;
            });
            assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
            Files.writeString(log, entry("after\n", "stdout", 1) + "\n", StandardOpenOption.TRUNCATE_EXISTING);
            ended.set(true);
            reader.get(30, TimeUnit.SECONDS);
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("before, and long enough\nafter\n");
    }

    @Test
    void aReaderThatHasGoneEndsTheFollowing() throws Exception {
        ended.set(false);
        write(0, entry("1\n", "stdout", 1));
        OutputStream gone = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("gone");
            }
        };
        assertThatThrownBy(
                        () -> reader().read(new LogQuery(true, true, true, false, false, null, null, -1), true, gone))
                .isInstanceOf(IOException.class)
                .hasMessage("gone");
    }

    @Test
    void queriesAreReadAsDockerSendsThem() {
        assertThat(LogQuery.time("since", "1893456000.5")).isEqualTo(TIME);
        assertThat(LogQuery.time("since", "1893456000.500000000")).isEqualTo(TIME);
        assertThat(LogQuery.time("since", "0")).isNull();
        assertThat(LogQuery.time("since", null)).isNull();
        assertThat(LogQuery.tail("all")).isEqualTo(-1);
        assertThat(LogQuery.tail("7")).isEqualTo(7);
        assertThat(LogQuery.tail("seven")).isEqualTo(-1);
        assertThatThrownBy(() -> LogQuery.time("since", "yesterday"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("yesterday");
    }

    /** As the supervisor rotates: every file goes up one number, the oldest goes away, then a new one is made by the next write. */
    private void rotate(int files) throws IOException {
        for (int i = files - 1; i > 0; i--) {
            Path from = i == 1 ? log : numbered(i - 1);
            if (Files.exists(from)) {
                Files.move(from, numbered(i), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private Path numbered(int number) {
        return number == 0 ? log : directory.resolve("c-json.log." + number);
    }

    private void write(int number, String... entries) throws IOException {
        Files.writeString(numbered(number), String.join("\n", entries) + "\n");
    }

    private static String entry(String text, String stream, int seconds) {
        return "{\"log\":\"" + text.replace("\n", "\\n").replace("\r", "\\r") + "\",\"stream\":\"" + stream
                + "\",\"time\":\"" + TIME.plusSeconds(seconds) + "\"}";
    }

    private LogReader reader() {
        return new LogReader(new ContainerLog(log, ContainerLog.Form.JSON_FILE, 3, false, Map.of()), ended::get);
    }

    private static LogQuery tail(long wanted) {
        return new LogQuery(true, true, false, false, false, null, null, wanted);
    }

    private String text(LogQuery query) throws Exception {
        return new String(read(query, true), StandardCharsets.UTF_8);
    }

    private byte[] read(LogQuery query, boolean raw) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        reader().read(query, raw, out);
        return out.toByteArray();
    }
}
