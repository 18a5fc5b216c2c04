package io.longshore.agent.execdriver;

import io.longshore.contracts.id.ExecId;
import io.longshore.contracts.stream.Duplex;
import java.util.Set;

/**
 * The exec sessions of a driver: further processes in containers that run. Each is supervised as a container is, so it outlives the agent;
 * it does not outlive its container. The verbs mean what they mean in {@link ExecDriver}, and fail as there.
 */
public interface ExecSessions {
    /**
     * Prepares a session, up to but not including its command. {@code Conflict} if the container does not run; {@code Invalid} if there is no
     * such user or working directory in it. If it fails, all that was made is undone.
     *
     * @param listener is told the end, once; it may come before {@link #start} has returned
     */
    void create(SessionLaunch launch, ExitListener<ExecId> listener);

    /** Lets it go; {@link CommandNotExecutable} as {@link ExecDriver#start} has it. After a failure nothing is left of the session. */
    Running start(ExecId id);

    /** Sends a signal (1 to 64) to its process. {@code Conflict} if it does not run. */
    void signal(ExecId id, int signal);

    /** Sets its terminal's size. {@code Conflict} if it has no terminal. */
    void resize(ExecId id, int rows, int columns);

    /** Subscribes to its output, and to its input if asked; good between {@link #create} and its end. */
    Duplex attach(ExecId id, AttachRequest request);

    /** Finds a session again that an earlier life of the agent created. One that was not started is gone. */
    Recovery recover(SessionLaunch launch, ExitListener<ExecId> listener);

    /** Removes all that the driver holds of a session, killing its process if it runs. The listener is not told any more. */
    void destroy(ExecId id);

    /** The sessions of which anything is left on this machine. */
    Set<ExecId> held();
}
