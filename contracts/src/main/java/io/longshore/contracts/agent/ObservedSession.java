package io.longshore.contracts.agent;

import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.ExecId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An exec session as its agent sees it. One that has ended is remembered until the service that owns it has seen that.
 *
 * @param id identity
 * @param container where it runs
 * @param revision the agent's revision at which this became so; one count with {@link Observed}
 * @param status what it is doing
 * @param pid of its process as the node sees it, 0 when it does not run
 * @param startedAt when its program was executed, null before that
 * @param finishedAt when it ended, null before that
 * @param exitCode its status, or 128 and the signal; 126 or 127 when its command could not be executed
 * @param error why the code is not the process's own, else empty
 */
public record ObservedSession(
        ExecId id,
        ContainerId container,
        long revision,
        Status status,
        int pid,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        int exitCode,
        String error) {

    /** What a session is doing. */
    public enum Status {
        /** It waits to be started; clients attach. */
        CREATED,
        RUNNING,
        EXITED
    }

    /** The same under another revision. */
    public ObservedSession at(long number) {
        return new ObservedSession(id, container, number, status, pid, startedAt, finishedAt, exitCode, error);
    }
}
