package io.longshore.agent.log;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** One entry of a json-file log: {@code {"log":"...\n","stream":"stdout","time":"2030-01-02T03:04:05.123456789Z"}}. */
final class LogEntry {
    private static final JsonFactory JSON = new JsonFactory();

    private final byte[] bytes;
    private final boolean stderr;
    private final Instant time;

    private LogEntry(byte[] bytes, boolean stderr, Instant time) {
        this.bytes = bytes;
        this.stderr = stderr;
        this.time = time;
    }

    /** A line with its newline, or a piece of one that was longer than 16 KiB, without. Not to be changed. */
    byte[] bytes() {
        return bytes;
    }

    /** Whether it came from standard error. */
    boolean stderr() {
        return stderr;
    }

    /** When its newline came; for the pieces of a line of over 16 KiB, when the first of them was whole. */
    Instant time() {
        return time;
    }

    /** Reads an entry; null for what is none, such as a line cut by a full disk or by rotation in place. */
    static @Nullable LogEntry parse(byte[] buffer, int offset, int length) {
        String log = null;
        String stream = "stdout";
        String time = null;
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), buffer, offset, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "log" -> log = parser.getString();
                    case "stream" -> stream = parser.getString();
                    case "time" -> time = parser.getString();
                    default -> parser.skipChildren();
                }
            }
            if (log == null || time == null) {
                return null;
            }
            return new LogEntry(
                    log.getBytes(StandardCharsets.UTF_8),
                    "stderr".equals(stream),
                    OffsetDateTime.parse(time).toInstant());
        } catch (JacksonException | DateTimeParseException e) {
            return null;
        }
    }

    /** Whether the line ends here, rather than going on in the stream's next entry. */
    boolean endsLine() {
        return bytes.length > 0 && bytes[bytes.length - 1] == '\n';
    }
}
