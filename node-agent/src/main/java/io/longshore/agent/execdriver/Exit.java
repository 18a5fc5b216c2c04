package io.longshore.agent.execdriver;

import java.time.Instant;

/**
 * The end of a container's first process.
 *
 * @param code its status, or 128 and the signal that ended it
 * @param oomKilled whether the kernel killed a process of the container for want of memory
 * @param startedAt when its program was executed
 * @param finishedAt when it ended
 * @param error why the code is not the process's own (the supervisor was lost), else empty
 */
public record Exit(int code, boolean oomKilled, Instant startedAt, Instant finishedAt, String error) {}
