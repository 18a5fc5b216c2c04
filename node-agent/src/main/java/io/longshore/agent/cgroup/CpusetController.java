package io.longshore.agent.cgroup;

import io.longshore.contracts.agent.ContainerSpec.Resources;
import java.util.ArrayList;
import java.util.List;

/** Processors and memory nodes. A version 1 cpuset is born empty; {@link Cgroups} fills it from its parent before this. */
final class CpusetController implements Controller {
    static final String CPUS = "cpuset.cpus";
    static final String MEMS = "cpuset.mems";

    @Override
    public String name() {
        return "cpuset";
    }

    @Override
    public List<CgroupWrite> v1(CgroupLimits limits) {
        Resources wanted = limits.resources();
        List<CgroupWrite> writes = new ArrayList<>();
        if (!wanted.cpusetCpus().isEmpty()) {
            writes.add(CgroupWrite.of(CPUS, wanted.cpusetCpus()));
        }
        if (!wanted.cpusetMems().isEmpty()) {
            writes.add(CgroupWrite.of(MEMS, wanted.cpusetMems()));
        }
        return writes;
    }

    @Override
    public List<CgroupWrite> v2(CgroupLimits limits) {
        return v1(limits);
    }
}
