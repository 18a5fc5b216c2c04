package io.longshore.agent.execdriver.simulated;

import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.ExecControls;
import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.execdriver.ExecSessions;
import io.longshore.agent.execdriver.Exit;
import io.longshore.agent.execdriver.ExitListener;
import io.longshore.agent.execdriver.Figures;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.Recovery;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.StartWords;
import io.longshore.contracts.agent.ContainerSpec.Resources;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Containers that only seem to run: no process, no root, no kernel resource but one small file in the container's directory,
 * by which a restarted agent finds them again. They do what {@link SimulatedCommand} reads from their arguments. A process
 * that waited for input when the agent ended goes on waiting; one whose time ran out meanwhile has ended at that time.
 */
public final class SimulatedExecDriver implements ExecDriver {
    private static final String RECORD = "simulated-process";
    static final AtomicInteger NEXT_PID = new AtomicInteger(1_000_000);

    private final Map<ContainerId, SimulatedProcess> processes = new ConcurrentHashMap<>();
    private final Map<ContainerId, Path> records = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("simulated-clock").factory());
    private final ExecControls controls = new Controls();
    private final SimulatedSessions sessions = new SimulatedSessions(this::runs, clock);

    @Override
    public String name() {
        return "simulated";
    }

    @Override
    public void create(Launch launch, ExitListener<ContainerId> listener) {
        if (processes.putIfAbsent(launch.id(), process(launch, listener)) != null) {
            throw new Failure.Conflict("container " + launch.id() + " is created already");
        }
        records.put(launch.id(), Path.of(launch.directory(), RECORD));
    }

    @Override
    public Running start(ContainerId id) {
        SimulatedProcess process = process(id);
        try {
            Running running = process.start(NEXT_PID.getAndIncrement());
            Path record = records.get(id);
            if (record != null) {
                Files.writeString(record, running.pid() + "\n" + running.startedAt() + "\n");
            }
            return running;
        } catch (IOException e) {
            destroy(id);
            throw new Failure.Internal("cannot record the start of container " + id + ": " + e.getMessage(), e);
        } catch (Failure e) {
            if (process.running() == null) {
                destroy(id);
            }
            throw e;
        }
    }

    @Override
    public void signal(ContainerId id, int signal) {
        process(id).signal(signal);
    }

    @Override
    public void resize(ContainerId id, int rows, int columns) {
        process(id).resize();
    }

    @Override
    public Duplex attach(ContainerId id, AttachRequest request) {
        return process(id).attach(request);
    }

    @Override
    public Recovery recover(Launch launch, ExitListener<ContainerId> listener) {
        Path record = Path.of(launch.directory(), RECORD);
        try {
            List<String> lines = Files.readAllLines(record);
            var running = new Running(Integer.parseInt(lines.get(0)), Instant.parse(lines.get(1)));
            records.put(launch.id(), record);
            SimulatedCommand command =
                    SimulatedCommand.parse(launch.spec().process().arguments(), StartWords.CONTAINER);
            Instant end =
                    command.runs() == null ? Instant.MAX : running.startedAt().plus(command.runs());
            boolean waits = command.echoes() && launch.spec().process().openStdin();
            SimulatedProcess process = process(launch, listener);
            processes.put(launch.id(), process);
            if (!waits && end.isBefore(Instant.now())) {
                return new Recovery.Ended(new Exit(command.exitCode(), false, running.startedAt(), end, ""));
            }
            return new Recovery.Alive(process.resume(running));
        } catch (NoSuchFileException e) {
            return new Recovery.Absent();
        } catch (IOException | RuntimeException e) {
            throw new Failure.Internal("cannot read " + record + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void destroy(ContainerId id) {
        SimulatedProcess process = processes.remove(id);
        if (process != null) {
            process.destroy();
        }
        sessions.leave(id);
        Path record = records.remove(id);
        if (record != null) {
            try {
                Files.deleteIfExists(record);
            } catch (IOException e) {
                throw new Failure.Internal("cannot remove " + record + ": " + e.getMessage(), e);
            }
        }
    }

    @Override
    public Optional<Figures> figures() {
        return Optional.of(new SimulatedFigures(this::process));
    }

    @Override
    public Set<ContainerId> held() {
        return Set.copyOf(processes.keySet());
    }

    @Override
    public ExecControls controls() {
        return controls;
    }

    /** A simulated process has no limits to change. */
    private final class Controls implements ExecControls {
        @Override
        public void freeze(ContainerId id) {
            process(id).freeze(true);
        }

        @Override
        public void thaw(ContainerId id) {
            process(id).freeze(false);
        }

        @Override
        public boolean isFrozen(ContainerId id) {
            return process(id).isFrozen();
        }

        @Override
        public void limit(ContainerId id, Resources before, Resources now) {
            if (process(id).running() == null) {
                throw new Failure.Conflict("container " + id + " is not running");
            }
        }
    }

    @Override
    public ExecSessions sessions() {
        return sessions;
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }

    private SimulatedProcess process(Launch launch, ExitListener<ContainerId> listener) {
        ContainerId id = launch.id();
        return new SimulatedProcess(
                "container " + id,
                launch.spec(),
                StartWords.CONTAINER,
                new SimulatedLog(launch)::write,
                exit -> {
                    sessions.leave(id);
                    listener.exited(id, exit);
                },
                clock);
    }

    private boolean runs(ContainerId id) {
        SimulatedProcess process = processes.get(id);
        return process != null && process.running() != null;
    }

    private SimulatedProcess process(ContainerId id) {
        SimulatedProcess process = processes.get(id);
        if (process == null) {
            throw new Failure.NotFound("No such container: " + id);
        }
        return process;
    }
}
