package io.longshore.contracts;

import io.longshore.contracts.error.Failure;
import java.time.Duration;
import java.time.Instant;

/**
 * For whom and until when a call is made. Each contract call carries one explicitly; between processes it travels in the
 * headers named here.
 *
 * @param principal who asked, as access-service knows it
 * @param project the project whose objects the call sees
 * @param deadline when the answer is of no more use
 * @param traceId 32 hexadecimal digits (W3C trace context), the same for all that one request causes
 */
public record Caller(String principal, String project, Instant deadline, String traceId) {
    /** Header: {@link #principal}. */
    public static final String PRINCIPAL_HEADER = "Longshore-Principal";
    /** Header: {@link #project}. */
    public static final String PROJECT_HEADER = "Longshore-Project";
    /** Header: {@link #deadline}, in milliseconds since the epoch. */
    public static final String DEADLINE_HEADER = "Longshore-Deadline";
    /** Header: {@link #traceId}. */
    public static final String TRACE_HEADER = "Longshore-Trace";
    /** Header that the gateway adds for the version of the Engine API that the client speaks, such as {@code 1.47}. */
    public static final String API_VERSION_HEADER = "Longshore-Api-Version";

    /** The same caller with at most this much time left. */
    public Caller within(Duration limit) {
        Instant latest = Instant.now().plus(limit);
        return latest.isBefore(deadline) ? new Caller(principal, project, latest, traceId) : this;
    }

    /** Time left; a {@link Failure.DeadlineExceeded} when there is none. */
    public Duration remaining() {
        Duration left = Duration.between(Instant.now(), deadline);
        if (left.isNegative() || left.isZero()) {
            throw new Failure.DeadlineExceeded("deadline exceeded: the time allowed for this request is over");
        }
        return left;
    }
}
