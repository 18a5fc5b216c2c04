package io.longshore.agent.state;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a start ended, or why it never came to be.
 *
 * @param start which one, from 1
 * @param ran whether the process ran; if not, the start does not count and may be asked for again
 * @param exitCode its status, or 128 and the signal; 126 to 128 when it never ran
 * @param oomKilled whether the kernel ended a process of it for want of memory
 * @param startedAt when it began to run, null if it never did
 * @param finishedAt when it ended, null if it never ran
 * @param error why, when the exit code alone does not say
 */
public record Outcome(
        long start,
        boolean ran,
        int exitCode,
        boolean oomKilled,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        String error) {}
