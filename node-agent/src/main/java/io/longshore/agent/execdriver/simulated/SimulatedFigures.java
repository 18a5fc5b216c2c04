package io.longshore.agent.execdriver.simulated;

import io.longshore.agent.execdriver.Figures;
import io.longshore.agent.execdriver.Running;
import io.longshore.contracts.agent.ProcessTable;
import io.longshore.contracts.agent.Sample;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Figures of containers that only seem to run: one process that uses a thousandth of the one processor there is, and a megabyte. */
final class SimulatedFigures implements Figures {
    private static final long MEMORY = 1L << 20;
    private static final long MACHINE_MEMORY = 1L << 30;

    private final Function<ContainerId, SimulatedProcess> processes;

    /** @param processes finds a process, or fails with {@code NotFound} */
    SimulatedFigures(Function<ContainerId, SimulatedProcess> processes) {
        this.processes = processes;
    }

    @Override
    public Sample sample(ContainerId id) {
        SimulatedProcess process = processes.apply(id);
        Instant now = Instant.now();
        long age = Duration.between(running(process).startedAt(), now).toNanos();
        long asked = process.spec().resources().memory();
        return new Sample(
                now,
                new Sample.Cpu(age / 1000, null, 0, age / 1000, age, 1, 0, 0, 0),
                new Sample.Memory(MEMORY, null, 0, asked > 0 ? asked : MACHINE_MEMORY, Map.of("anon", MEMORY)),
                new Sample.Block(null, null, null, null, null, null, null, null),
                new Sample.Pids(1, process.spec().resources().pidsLimit()),
                Map.of());
    }

    @Override
    public ProcessTable processes(ContainerId id, List<String> arguments) {
        SimulatedProcess process = processes.apply(id);
        String pid = String.valueOf(running(process).pid());
        String command = String.join(" ", process.spec().process().arguments());
        return new ProcessTable(
                List.of("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"),
                List.of(List.of("root", pid, "0", "0", "00:00", "?", "00:00:00", command)));
    }

    private static Running running(SimulatedProcess process) {
        Running running = process.running();
        if (running == null) {
            throw new Failure.Conflict("container " + process.spec().id() + " is not running");
        }
        return running;
    }
}
