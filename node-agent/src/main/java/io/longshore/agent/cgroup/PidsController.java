package io.longshore.agent.cgroup;

import java.util.List;

/** How many processes and threads. */
final class PidsController implements Controller {
    @Override
    public String name() {
        return "pids";
    }

    @Override
    public List<CgroupWrite> v1(CgroupLimits limits) {
        long most = limits.resources().pidsLimit();
        return most > 0 ? List.of(CgroupWrite.of("pids.max", most)) : List.of();
    }

    @Override
    public List<CgroupWrite> v2(CgroupLimits limits) {
        return v1(limits);
    }
}
