package io.longshore.agent.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs whose older files keep their numbers and are compressed, and the form of lines of the local driver. */
class CountedLogTest {
    @TempDir
    private Path directory;

    private CountedLog log = new CountedLog(Path.of(""), 3);

    @BeforeEach
    void place() {
        log = new CountedLog(directory, 3);
    }

    private void threeFiles() throws Exception {
        log.write("1", "2");
        log.rotate();
        log.write("3", "4");
        log.rotate();
        log.write("5");
    }

    @Test
    void readsCompressedFilesAsItReadThemBefore() throws Exception {
        threeFiles();
        assertThat(log.read(CountedLog.ALL)).isEqualTo("1\n2\n3\n4\n5\n");
        log.compress();
        assertThat(log.names()).containsExactly("", ".1.gz", ".2.gz");
        assertThat(log.read(CountedLog.ALL)).isEqualTo("1\n2\n3\n4\n5\n");
        for (int wanted = 0; wanted <= 6; wanted++) {
            assertThat(log.read(new LogQuery(true, true, false, false, false, null, null, wanted)))
                    .isEqualTo("1\n2\n3\n4\n5\n".substring(2 * Math.max(0, 5 - wanted)));
        }
        assertThat(log.names()).containsExactly("", ".1.gz", ".2.gz");
    }

    @Test
    void detailsAreThoseOfTheContainer() throws Exception {
        log.write("one");
        assertThat(log.read(new LogQuery(true, true, false, true, true, null, null, -1)))
                .isEqualTo("2030-01-01T00:00:00.000000000Z app=w,tag=t one\n");
    }

    @Test
    void bytesAndPiecesComeBackAsTheyWere() throws Exception {
        byte[] odd = {'a', (byte) 0xff, 0, '\r', ' '};
        Files.write(log.log.path(), "1893456000.000000001 E 5 ".getBytes(StandardCharsets.US_ASCII));
        Files.write(log.log.path(), odd, StandardOpenOption.APPEND);
        Files.writeString(log.log.path(), "\n1893456000.000000002 e 0 \n", StandardOpenOption.APPEND);
        var out = new java.io.ByteArrayOutputStream();
        new LogReader(log.log, () -> true).read(CountedLog.ALL, false, out);
        assertThat(out.toByteArray())
                .containsExactly(2, 0, 0, 0, 0, 0, 0, 5, 'a', 0xff, 0, '\r', ' ', 2, 0, 0, 0, 0, 0, 0, 1, '\n');
    }

    @Test
    void whatIsNoEntryIsNoLine() throws Exception {
        log.write("1");
        for (String broken : List.of(
                "",
                "x",
                "1893456000",
                "1893456000.",
                "1893456000.000000000",
                "1893456000.000000000 o",
                "1893456000.000000000 o ",
                "1893456000.000000000 o 3",
                "1893456000.000000000 o 3 ab",
                "1893456000.000000000 o 3 abcd",
                "1893456000.000000000 x 3 abc",
                "1893456000.00000000 o 3 abc",
                "1893456000.0000000000 o 3 abc",
                "1893456000000000.000000000 o 3 abc",
                "1893456000.000000000-o 3 abc",
                "1893456000,000000000 o 3 abc",
                "1893456000.000000000 o x abc")) {
            Files.writeString(log.log.path(), broken + "\n", StandardOpenOption.APPEND);
        }
        log.write("2");
        assertThat(log.read(CountedLog.ALL)).isEqualTo("1\n2\n");
    }

    @Test
    void filesThatWereWrittenBeforeSinceAreNotUnpacked() throws Exception {
        threeFiles();
        FileTime past = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
        Files.setLastModifiedTime(log.log.numbered(1), past);
        log.compress();
        assertThat(Files.getLastModifiedTime(log.log.zipped(1))).isEqualTo(past);
        Files.write(log.log.zipped(1), new byte[] {1});
        Files.setLastModifiedTime(log.log.zipped(1), past);
        assertThat(log.read(
                        new LogQuery(true, true, false, false, false, Instant.parse("2025-01-01T00:00:00Z"), null, -1)))
                .isEqualTo("3\n4\n5\n");
    }

    @Test
    void ofADamagedFileIsReadWhatCanBe() throws Exception {
        threeFiles();
        log.compress();
        byte[] bytes = Files.readAllBytes(log.log.zipped(2));
        Files.write(log.log.zipped(2), java.util.Arrays.copyOf(bytes, bytes.length - 8));
        Files.write(log.log.zipped(1), new byte[0]);
        assertThat(log.read(CountedLog.ALL)).isEqualTo("3\n4\n5\n");
    }

    /** Each state that a kill -9 of the agent can leave. */
    @Test
    void theNextAgentPutsRightWhatAKilledOneLeft() throws Exception {
        threeFiles();
        Files.writeString(directory.resolve("container.log.2.gz.tmp"), "half");
        log.compress();
        assertThat(log.names()).containsExactly("", ".1.gz", ".2.gz");

        byte[] packed = Files.readAllBytes(log.log.zipped(2));
        Map<String, byte[]> both =
                Map.of(".2", "not needed any more".getBytes(StandardCharsets.UTF_8), ".2.gz", packed);
        for (var file : both.entrySet()) {
            Files.write(directory.resolve("container.log" + file.getKey()), file.getValue());
        }
        log.compress();
        assertThat(log.names()).containsExactly("", ".1.gz", ".2.gz");
        assertThat(log.read(CountedLog.ALL)).isEqualTo("1\n2\n3\n4\n5\n");

        log.rotate();
        log.write("6");
        Files.write(log.log.zipped(1), packed);
        log.compress();
        assertThat(log.names()).containsExactly("", ".2.gz", ".3.gz");
        assertThat(log.read(CountedLog.ALL)).isEqualTo("3\n4\n5\n6\n");
    }

    @Test
    void manyFilesAreReadFromAnywhereOn() throws Exception {
        CountedLog many = new CountedLog(directory, 100);
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            many.write(Integer.toString(i));
            all.append(i).append('\n');
            if (i < 59) {
                many.rotate();
            }
            if (i == 30) {
                many.compress();
            }
        }
        assertThat(many.read(CountedLog.ALL)).isEqualTo(all.toString());
        assertThat(many.read(new LogQuery(true, true, false, false, false, null, null, 40)))
                .isEqualTo(all.substring(all.indexOf("20\n")));
    }

    /** The supervisor writes and rotates, the agent compresses and is replaced, and who keeps up sees every line once. */
    @Test
    void followersLoseAndDoubleNothingWhileFilesAreRotatedAndCompressed() throws Exception {
        CountedLog many = new CountedLog(directory, 40);
        AtomicBoolean ended = new AtomicBoolean();
        AtomicInteger seen = new AtomicInteger();
        many.write("0");
        OutputStream watched = new OutputStream() {
            private final StringBuilder rest = new StringBuilder();

            @Override
            public void write(int b) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                rest.append(new String(bytes, offset, length, StandardCharsets.US_ASCII));
                for (int end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
                    assertThat(rest.substring(0, end)).isEqualTo(Integer.toString(seen.getAndIncrement()));
                    rest.delete(0, end + 1);
                }
            }
        };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> follower = threads.submit(() -> {
                new LogReader(many.log, ended::get).read(CountedLog.FOLLOW, true, watched);
                return null;
            });
            Future<?> compression = threads.submit(() -> {
                while (!ended.get()) {
                    many.compress();
                }
            });
            int lines = 1;
            for (int file = 0; file < 200; file++) {
                for (int i = 0; i < 20; i++) {
                    many.write(Integer.toString(lines++));
                }
                many.rotate();
                while (seen.get() < lines - 300 && !follower.isDone()) {
                    TimeUnit.MILLISECONDS.sleep(1);
                }
            }
            ended.set(true);
            follower.get(30, TimeUnit.SECONDS);
            compression.get(30, TimeUnit.SECONDS);
            assertThat(seen.get()).isEqualTo(lines);
        }
        many.compress();
        assertThat(many.names()).hasSize(39);
    }

    @Test
    void attributesAreWrittenAsDockerWritesThem() {
        Map<String, String> attributes =
                new TreeMap<>(Map.of("b", "<\"\\&>\n\u0001\u2028é\ud83d\ude00\ud83d", "a", ""));
        assertThat(LogAttributes.json(attributes))
                .isEqualTo("{\"a\":\"\",\"b\":\"\\u003c\\\"\\\\\\u0026\\u003e\\n\\u0001\\u2028é\ud83d\ude00\\ufffd\"}");
        assertThat(LogAttributes.json(Map.of())).isEmpty();
    }
}
