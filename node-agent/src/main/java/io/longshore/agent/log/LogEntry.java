package io.longshore.agent.log;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * One entry of a log. Of json-file: {@code {"log":"...\n","stream":"stdout","attrs":{...},"time":"2030-01-02T03:04:05.123456789Z"}}. Of
 * local: {@code 1893553445.123456789 o 3 ...}, see {@code log.h}.
 */
final class LogEntry {
    private static final JsonFactory JSON = new JsonFactory();
    /** Digits of the largest number in the head of a local entry. */
    private static final int MOST_DIGITS = 12;

    private final byte[] bytes;
    private final boolean stderr;
    private final Instant time;
    private final String details;

    private LogEntry(byte[] bytes, boolean stderr, Instant time, String details) {
        this.bytes = bytes;
        this.stderr = stderr;
        this.time = time;
        this.details = details;
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

    /** What {@code --details} shows before the line. */
    String details() {
        return details;
    }

    /** Reads an entry of json-file; null for what is none, such as a line cut by a full disk. */
    static @Nullable LogEntry json(byte[] buffer, int offset, int length, boolean detailed) {
        String log = null;
        String stream = "stdout";
        String time = null;
        String details = "";
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
                    case "attrs" -> details = attributes(parser, detailed);
                    default -> parser.skipChildren();
                }
            }
            if (log == null || time == null) {
                return null;
            }
            return new LogEntry(
                    log.getBytes(StandardCharsets.UTF_8),
                    "stderr".equals(stream),
                    OffsetDateTime.parse(time).toInstant(),
                    details);
        } catch (JacksonException | DateTimeParseException e) {
            return null;
        }
    }

    private static String attributes(JsonParser parser, boolean detailed) {
        if (!detailed || parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return "";
        }
        Map<String, String> attributes = new HashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            if (parser.nextToken() == JsonToken.VALUE_STRING) {
                attributes.put(name, parser.getString());
            } else {
                parser.skipChildren();
            }
        }
        return LogAttributes.details(attributes);
    }

    /** Reads an entry of local; null for what is none. */
    static @Nullable LogEntry local(byte[] buffer, int offset, int length, String details) {
        int end = offset + length;
        int dot = digits(buffer, offset, end);
        int blank = digits(buffer, dot + 1, end);
        int size = digits(buffer, blank + 3, end);
        if (dot == offset || blank != dot + 10 || size <= blank + 3 || size >= end) {
            return null;
        }
        int stream = buffer[blank + 1];
        boolean whole = stream == 'o' || stream == 'e';
        if (buffer[dot] != '.'
                || buffer[blank] != ' '
                || (!whole && stream != 'O' && stream != 'E')
                || buffer[blank + 2] != ' '
                || buffer[size] != ' '
                || number(buffer, blank + 3, size) != end - size - 1) {
            return null;
        }
        byte[] bytes = Arrays.copyOfRange(buffer, size + 1, whole ? end + 1 : end);
        if (whole) {
            bytes[bytes.length - 1] = '\n';
        }
        Instant time = Instant.ofEpochSecond(number(buffer, offset, dot), number(buffer, dot + 1, blank));
        return new LogEntry(bytes, stream == 'e' || stream == 'E', time, details);
    }

    /** Where the digits that begin here end; at most so many are taken as a number may have. */
    private static int digits(byte[] buffer, int from, int end) {
        int at = from;
        while (at < end && at - from < MOST_DIGITS && buffer[at] >= '0' && buffer[at] <= '9') {
            at++;
        }
        return at;
    }

    private static long number(byte[] buffer, int from, int to) {
        long number = 0;
        for (int i = from; i < to; i++) {
            number = number * 10 + buffer[i] - '0';
        }
        return number;
    }

    /** Whether the line ends here, rather than going on in the stream's next entry. */
    boolean endsLine() {
        return bytes.length > 0 && bytes[bytes.length - 1] == '\n';
    }
}
