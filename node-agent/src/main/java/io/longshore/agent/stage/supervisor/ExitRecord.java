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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The outcome that a supervisor leaves in a file of {@code key=value} lines, complete or not at all.
 *
 * @param status exit code, or 128 + signal
 * @param droppedLogLines lines that the log has lost
 */
public record ExitRecord(
        String id, int pid, long startTicks, int status, Instant started, Instant finished, long droppedLogLines) {
    private static final Logger LOG = LoggerFactory.getLogger(ExitRecord.class);
    private static final int MAX_SIZE = 4096;

    /**
     * Empty if there is no record: the process runs, or its supervisor was killed. It is not synced, so a power cut may leave a file
     * without its content: that is no record either.
     */
    public static Optional<ExitRecord> read(Path file) throws IOException {
        try {
            if (Files.size(file) > MAX_SIZE) {
                throw new IllegalArgumentException("it is over " + MAX_SIZE + " bytes");
            }
            return Optional.of(parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            LOG.warn("the exit record {} is torn and not used: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    /** Whose outcome it is. */
    public ProcessIdentity process() {
        return new ProcessIdentity(pid, startTicks);
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
