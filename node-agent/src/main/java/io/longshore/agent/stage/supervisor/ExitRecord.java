package io.longshore.agent.stage.supervisor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The outcome that a supervisor leaves in a file of {@code key=value} lines, complete or not at all.
 *
 * @param status exit code, or 128 + signal
 * @param droppedLogLines lines that the log has lost
 */
public record ExitRecord(
        String id, int pid, long startTicks, int status, Instant started, Instant finished, long droppedLogLines) {
    private static final int MAX_SIZE = 4096;

    /** Empty if there is no record: the process runs, or its supervisor was killed. */
    public static Optional<ExitRecord> read(Path file) throws IOException {
        try {
            if (Files.size(file) > MAX_SIZE) {
                throw new IOException("the exit record " + file + " is over " + MAX_SIZE + " bytes");
            }
            return Optional.of(parse(Files.readString(file, StandardCharsets.UTF_8)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            throw new IOException("the exit record " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    static ExitRecord parse(String text) {
        Map<String, String> values = new HashMap<>();
        text.lines()
                .map(line -> line.split("=", 2))
                .filter(pair -> pair.length == 2)
                .forEach(pair -> values.put(pair[0], pair[1]));
        if (!"1".equals(values.get("version"))) {
            throw new IllegalArgumentException("version " + values.get("version") + " is not 1");
        }
        return new ExitRecord(
                values.getOrDefault("id", ""),
                (int) number(values, "pid"),
                number(values, "start_ticks"),
                (int) number(values, "status"),
                Instant.ofEpochSecond(0, number(values, "started_ns")),
                Instant.ofEpochSecond(0, number(values, "finished_ns")),
                number(values, "dropped_log_lines"));
    }

    private static long number(Map<String, String> values, String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException(key + " is missing");
        }
        return Long.parseLong(value);
    }
}
