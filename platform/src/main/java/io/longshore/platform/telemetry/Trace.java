package io.longshore.platform.telemetry;

import java.security.SecureRandom;
import java.util.HexFormat;
import org.slf4j.MDC;

/** The trace id of the work that the current thread does; log lines show it. */
public final class Trace {
    /** Name of the trace id in the logging context. */
    public static final String KEY = "trace";

    private static final SecureRandom RANDOM = new SecureRandom();

    private Trace() {}

    /** A new id: 32 hexadecimal digits (W3C trace context, trace-id). */
    public static String newId() {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** The id that the current thread works under; a new one when it works under none. */
    public static String current() {
        String id = MDC.get(KEY);
        return id == null ? newId() : id;
    }

    /** Whether the text is a trace id; anything else must not reach a log line. */
    public static boolean isId(String text) {
        return text.length() == 32 && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }

    /** Runs under the id, so that all log lines of this thread show it, and ends so. */
    public static Scope open(String id) {
        String before = MDC.get(KEY);
        MDC.put(KEY, id);
        return () -> {
            if (before == null) {
                MDC.remove(KEY);
            } else {
                MDC.put(KEY, before);
            }
        };
    }

    /** Ends with {@code close}, which throws nothing. */
    @FunctionalInterface
    public interface Scope extends AutoCloseable {
        @Override
        void close();
    }
}
