package io.longshore.agent.execdriver.libcontainer.figures;

import io.longshore.agent.cgroup.Cgroups;
import io.longshore.agent.cgroup.usage.CgroupUsage;
import io.longshore.agent.execdriver.Figures;
import io.longshore.agent.linux.NativePool;
import io.longshore.contracts.agent.ProcessTable;
import io.longshore.contracts.agent.Sample;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Figures of processes in cgroups. A container's processes are those of its cgroup, in whichever hierarchy. */
public final class ProcessFigures implements Figures, AutoCloseable {
    private final Cgroups cgroups;
    private final CgroupUsage usage;
    private final Function<ContainerId, Target> running;
    private final NativePool pool = new NativePool("ps", 2, 64);
    private final Ps ps = new Ps(pool);

    /** @param running finds a container that runs, or fails as {@link Figures} says */
    public ProcessFigures(Cgroups cgroups, Function<ContainerId, Target> running) {
        this.cgroups = cgroups;
        this.usage = new CgroupUsage(cgroups.hierarchies());
        this.running = running;
    }

    @Override
    public Sample sample(ContainerId id) {
        Target target = running.apply(id);
        Map<String, Sample.Interface> networks =
                target.ownNetwork() ? InterfaceCounters.of(target.process()) : Map.of();
        Sample sample = usage.read(target.cgroup(), networks);
        // Of one that ended meanwhile half may have been there to be read.
        var _ = running.apply(id);
        return sample;
    }

    @Override
    public ProcessTable processes(ContainerId id, List<String> arguments) {
        List<String> checked = PsArguments.check(arguments);
        Set<Integer> pids = cgroups.processes(running.apply(id).cgroup());
        if (pids.isEmpty()) {
            throw new Failure.Conflict("container " + id + " is not running");
        }
        return ps.list(checked, pids);
    }

    @Override
    public void close() {
        pool.close();
    }
}
