package io.longshore.agent.execdriver.simulated;

import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.ExecSessions;
import io.longshore.agent.execdriver.ExitListener;
import io.longshore.agent.execdriver.Recovery;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.SessionLaunch;
import io.longshore.agent.execdriver.StartWords;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.ExecId;
import io.longshore.contracts.stream.Duplex;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Predicate;

/** Sessions in simulated containers. They are not written down: an agent that starts again knows none. */
final class SimulatedSessions implements ExecSessions {
    private record Session(ContainerId container, SimulatedProcess process) {}

    private final Predicate<ContainerId> runs;
    private final ScheduledExecutorService clock;
    private final Map<ExecId, Session> sessions = new ConcurrentHashMap<>();

    /** @param runs whether a container does */
    SimulatedSessions(Predicate<ContainerId> runs, ScheduledExecutorService clock) {
        this.runs = runs;
        this.clock = clock;
    }

    @Override
    public void create(SessionLaunch launch, ExitListener<ExecId> listener) {
        ContainerId container = launch.container().id();
        if (!runs.test(container)) {
            throw new Failure.Conflict("container " + container + " is not running");
        }
        ExecId id = launch.id();
        var process = new SimulatedProcess(
                "exec session " + id,
                launch.asContainer(),
                StartWords.SESSION,
                output -> {},
                exit -> listener.exited(id, exit),
                clock);
        if (sessions.putIfAbsent(id, new Session(container, process)) != null) {
            throw new Failure.Conflict("exec session " + id + " is created already");
        }
    }

    @Override
    public Running start(ExecId id) {
        SimulatedProcess process = process(id);
        try {
            return process.start(SimulatedExecDriver.NEXT_PID.getAndIncrement());
        } catch (Failure e) {
            if (process.running() == null) {
                destroy(id);
            }
            throw e;
        }
    }

    @Override
    public void signal(ExecId id, int signal) {
        process(id).signal(signal);
    }

    @Override
    public void resize(ExecId id, int rows, int columns) {
        process(id).resize();
    }

    @Override
    public Duplex attach(ExecId id, AttachRequest request) {
        return process(id).attach(request);
    }

    @Override
    public Recovery recover(SessionLaunch launch, ExitListener<ExecId> listener) {
        return new Recovery.Absent();
    }

    @Override
    public void destroy(ExecId id) {
        Session session = sessions.remove(id);
        if (session != null) {
            session.process.destroy();
        }
    }

    @Override
    public Set<ExecId> held() {
        return Set.copyOf(sessions.keySet());
    }

    /** A container has ended, and what ran in it with it. */
    void leave(ContainerId container) {
        sessions.values().stream()
                .filter(session -> session.container.equals(container))
                .forEach(session -> session.process.kill());
    }

    private SimulatedProcess process(ExecId id) {
        Session session = sessions.get(id);
        if (session == null) {
            throw new Failure.NotFound("No such exec instance: " + id);
        }
        return session.process;
    }
}
