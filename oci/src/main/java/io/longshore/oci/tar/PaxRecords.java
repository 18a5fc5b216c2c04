package io.longshore.oci.tar;

import io.longshore.contracts.error.Failure;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The records of one pax extended header: {@code "<length> <key>=<value>\n"} (pax(1), extended header). Values are bytes: attributes need not be text. */
final class PaxRecords {
    static final PaxRecords NONE = new PaxRecords(Map.of());

    private static final String ATTRIBUTE = "SCHILY.xattr.";
    private static final int MAX_NUMBER_LENGTH = 40;

    private final Map<String, byte[]> records;

    private PaxRecords(Map<String, byte[]> records) {
        this.records = records;
    }

    static PaxRecords parse(byte[] header) {
        Map<String, byte[]> records = new LinkedHashMap<>();
        int at = 0;
        while (at < header.length) {
            int space = at;
            int length = 0;
            while (space < header.length && header[space] >= '0' && header[space] <= '9' && space - at < 8) {
                length = length * 10 + header[space++] - '0';
            }
            int end = at + length;
            int equals = space;
            while (equals < end && equals < header.length && header[equals] != '=') {
                equals++;
            }
            boolean wellFormed =
                    end <= header.length && equals < end && header[space] == ' ' && header[end - 1] == '\n';
            if (!wellFormed) {
                throw new Failure.Invalid("malformed pax header: bad record at byte " + at);
            }
            String key = TarField.decode(header, space + 1, equals - space - 1);
            records.put(key, Arrays.copyOfRange(header, equals + 1, end - 1));
            at = end;
        }
        for (String key : records.keySet()) {
            if (key.indexOf('\0') >= 0) {
                throw new Failure.Invalid(
                        "malformed pax header: a NUL in the key \"" + key.replace("\0", "\\0") + "\"");
            }
            if (key.startsWith("GNU.sparse.")) {
                throw new Failure.Invalid("sparse tar entries are not supported: make the archive without --sparse");
            }
        }
        return new PaxRecords(records);
    }

    /** The text of a record, or the fallback when it is absent or empty (which deletes it). */
    String text(String key, String fallback) {
        byte[] value = records.get(key);
        return value == null || value.length == 0 ? fallback : TarField.decode(value, 0, value.length);
    }

    long number(String key, long fallback) {
        BigDecimal value = decimal(key);
        try {
            return value == null ? fallback : value.longValueExact();
        } catch (ArithmeticException e) {
            throw new Failure.Invalid("malformed pax header: " + key + "=" + value + " is no whole number", e);
        }
    }

    Instant time(String key, Instant fallback) {
        BigDecimal value = decimal(key);
        if (value == null) {
            return fallback;
        }
        try {
            BigDecimal seconds = value.setScale(0, RoundingMode.FLOOR);
            long nanos = value.subtract(seconds).movePointRight(9).longValue();
            return Instant.ofEpochSecond(seconds.longValueExact(), nanos);
        } catch (ArithmeticException | DateTimeException e) {
            throw new Failure.Invalid("malformed pax header: " + key + "=" + value + " is no time", e);
        }
    }

    private @Nullable BigDecimal decimal(String key) {
        String text = text(key, "");
        if (text.isEmpty()) {
            return null;
        }
        // No exponents: 1e999999999 is three bytes of input and a billion digits of work.
        boolean plain = text.length() <= MAX_NUMBER_LENGTH && text.matches("-?[0-9]+(\\.[0-9]*)?");
        if (!plain) {
            throw new Failure.Invalid("malformed pax header: " + key + " is no number");
        }
        return new BigDecimal(text.endsWith(".") ? text + "0" : text);
    }

    Map<String, byte[]> extendedAttributes() {
        Map<String, byte[]> attributes = new HashMap<>();
        records.forEach((key, value) -> {
            if (key.startsWith(ATTRIBUTE)) {
                attributes.put(key.substring(ATTRIBUTE.length()), value);
            }
        });
        return attributes;
    }
}
