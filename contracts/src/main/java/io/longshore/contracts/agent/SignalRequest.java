package io.longshore.contracts.agent;

import org.jspecify.annotations.Nullable;

/**
 * A signal for the first process.
 *
 * @param epoch as in {@link ApplyRequest}
 * @param signal its number, 1 to 64
 * @param graceSeconds after which SIGKILL follows and the answer waits for the end; -1 waits for ever for the end (within the caller's
 *     deadline); null answers at once
 */
public record SignalRequest(
        long epoch, int signal, @Nullable Integer graceSeconds) {}
