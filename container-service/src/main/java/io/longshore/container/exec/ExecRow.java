package io.longshore.container.exec;

import io.longshore.container.state.ContainerRow;
import io.longshore.contracts.container.ExecConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ExecId;
import org.jspecify.annotations.Nullable;

/**
 * A session, as the database has it.
 *
 * @param id identity
 * @param container where it runs, as last read
 * @param state where it is in its life
 * @param config as asked for
 * @param pid of its process, or of the process that it had; 0 before there was one
 * @param exitCode null before its end
 */
record ExecRow(
        ExecId id,
        ContainerRow container,
        ExecState state,
        ExecConfig config,
        int pid,
        @Nullable Integer exitCode) {

    /** Refuses what only one that was never started can be asked for; {@link Failure.Conflict} in Docker's words. */
    void requireNew() {
        switch (state) {
            case CREATED -> {}
            case RUNNING -> throw alreadyRunning();
            case EXITED -> throw new Failure.Conflict("Error: Exec command " + id + " has already run");
        }
    }

    /** What whoever comes second is told, in Docker's words. */
    Failure.Conflict alreadyRunning() {
        return new Failure.Conflict("Error: Exec command " + id + " is already running");
    }

    /** As it is once its start is recorded, in its container as that is by now. */
    ExecRow startedIn(ContainerRow now) {
        return new ExecRow(id, now, ExecState.RUNNING, config, pid, exitCode);
    }

    boolean tty() {
        return Boolean.TRUE.equals(config.tty());
    }
}
