package io.longshore.agent.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A log of the local driver, written and rotated by a test as a supervisor does it. */
final class CountedLog {
    static final LogQuery ALL = new LogQuery(true, true, false, false, false, null, null, -1);
    static final LogQuery FOLLOW = new LogQuery(true, true, true, false, false, null, null, -1);

    final ContainerLog log;
    private long next = 1;
    private long second = 1_893_456_000;

    CountedLog(Path directory, int files) {
        log = new ContainerLog(
                directory.resolve("container.log"),
                ContainerLog.Form.LOCAL,
                files,
                true,
                Map.of("tag", "t", "app", "w"));
    }

    /** Lines, a second apart. */
    void write(String... lines) throws IOException {
        StringBuilder entries = new StringBuilder();
        for (String line : lines) {
            int size = line.getBytes(StandardCharsets.UTF_8).length;
            entries.append(second++)
                    .append(".000000000 o ")
                    .append(size)
                    .append(' ')
                    .append(line)
                    .append('\n');
        }
        Files.writeString(log.path(), entries, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    void rotate() throws IOException {
        Files.move(log.path(), log.numbered(next), StandardCopyOption.ATOMIC_MOVE);
        next++;
        for (long old = Math.max(1, next - log.files() - 1); old <= next - log.files(); old++) {
            Files.deleteIfExists(log.numbered(old));
            Files.deleteIfExists(log.zipped(old));
        }
    }

    String read(LogQuery query, BooleanSupplier ended) throws IOException, InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new LogReader(log, ended).read(query, true, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    String read(LogQuery query) throws IOException, InterruptedException {
        return read(query, () -> true);
    }

    void compress() {
        new LogCompression(() -> List.of(log)).round();
    }

    /** The names of its files, without the part that all have. */
    List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(log.path().getParent())) {
            return files.map(file -> String.valueOf(file.getFileName()).replace("container.log", ""))
                    .sorted()
                    .toList();
        }
    }
}
