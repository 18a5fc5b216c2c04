package io.longshore.platform.web;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.telemetry.Trace;
import java.time.Instant;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The {@link Caller} as it travels between parts: in headers, which only a part that may set them can reach. */
public final class CallerHeaders {
    /** Longest principal or project name, in characters. */
    private static final int LONGEST = 256;

    private CallerHeaders() {}

    /** Hands each header's name and value to {@code headers}. */
    public static void write(Caller caller, BiConsumer<String, String> headers) {
        headers.accept(Caller.PRINCIPAL_HEADER, caller.principal());
        headers.accept(Caller.PROJECT_HEADER, caller.project());
        headers.accept(Caller.DEADLINE_HEADER, Long.toString(caller.deadline().toEpochMilli()));
        headers.accept(Caller.TRACE_HEADER, caller.traceId());
    }

    /** Reads the caller; {@link Failure.Unauthenticated} names the header that is missing or wrong. */
    public static Caller read(Function<String, @Nullable String> header) {
        String trace = required(header, Caller.TRACE_HEADER);
        if (!Trace.isId(trace)) {
            throw new Failure.Unauthenticated("header " + Caller.TRACE_HEADER + " is not a trace id of 32 hex digits");
        }
        return new Caller(
                required(header, Caller.PRINCIPAL_HEADER),
                required(header, Caller.PROJECT_HEADER),
                deadline(required(header, Caller.DEADLINE_HEADER)),
                trace);
    }

    private static String required(Function<String, @Nullable String> header, String name) {
        String value = header.apply(name);
        if (value == null || value.isEmpty() || value.length() > LONGEST) {
            throw new Failure.Unauthenticated("header " + name + " is missing: only parts of Longshore may call this");
        }
        return value;
    }

    private static Instant deadline(String value) {
        try {
            return Instant.ofEpochMilli(Long.parseLong(value));
        } catch (NumberFormatException e) {
            throw new Failure.Unauthenticated(
                    "header " + Caller.DEADLINE_HEADER + " is not a number of milliseconds: " + value, e);
        }
    }
}
