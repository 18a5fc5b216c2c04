package io.longshore.agent.execdriver;

import io.longshore.contracts.agent.CapabilityNames;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.ContainerProcess;
import io.longshore.contracts.agent.SessionSpec;
import io.longshore.contracts.id.ExecId;
import java.util.ArrayList;
import java.util.List;

/**
 * What an exec driver needs to know of an exec session.
 *
 * @param container where it is to run
 * @param session what is to run
 */
public record SessionLaunch(ContainerSpec container, SessionSpec session) {
    /** Whose launch it is. */
    public ExecId id() {
        return session.id();
    }

    /** The container as it would be if the session were its first process. */
    public ContainerSpec asContainer() {
        ContainerProcess own = container.process();
        List<String> environment = new ArrayList<>(own.environment());
        environment.addAll(session.environment());
        var process = new ContainerProcess(
                session.arguments(),
                environment,
                session.user().isEmpty() ? own.user() : session.user(),
                own.additionalGroups(),
                session.workingDirectory().isEmpty() ? own.workingDirectory() : session.workingDirectory(),
                session.tty(),
                session.openStdin(),
                session.openStdin(),
                own.oomScoreAdjust(),
                own.limits(),
                // The container's own init, if it has one, reaps for all.
                false);
        return container.process(
                process,
                session.privileged()
                        ? CapabilityNames.ALL
                        : container.security().capabilities());
    }
}
