package io.longshore.agent.cgroup;

import java.util.List;

/** How many processes and threads. */
final class PidsController implements Controller, Changing {
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

    /** A cgroup begins without a limit; one that had a limit is told to have none. */
    @Override
    public List<CgroupWrite> v1Changes(CgroupLimits before, CgroupLimits limits, List<CgroupWrite> added) {
        boolean lifted =
                before.resources().pidsLimit() > 0 && limits.resources().pidsLimit() <= 0;
        return lifted ? List.of(CgroupWrite.of("pids.max", "max")) : added;
    }

    @Override
    public List<CgroupWrite> v2Changes(CgroupLimits before, CgroupLimits limits, List<CgroupWrite> added) {
        return v1Changes(before, limits, added);
    }
}
