package io.longshore.agent.cgroup;

import java.util.List;

/** One controller: what to write for a container's limits, in order. Pure. A limit of 0 is none and writes nothing. */
interface Controller {
    /** Those with settings, in the order of writing; a hierarchy may have others (cpuacct, freezer), where a process only joins. */
    List<Controller> ALL = List.of(
            new MemoryController(),
            new CpuController(),
            new CpusetController(),
            new PidsController(),
            new DevicesController());

    /** As in /proc/cgroups and cgroup.controllers. */
    String name();

    /** Documentation/admin-guide/cgroup-v1. */
    List<CgroupWrite> v1(CgroupLimits limits);

    /** Documentation/admin-guide/cgroup-v2.rst. */
    List<CgroupWrite> v2(CgroupLimits limits);

    /** What changes a cgroup with other limits into one with these. A limit that is no more is lifted where the controller says how. */
    default List<CgroupWrite> v1Changes(CgroupLimits before, CgroupLimits limits) {
        return added(v1(before), v1(limits));
    }

    /** As above. */
    default List<CgroupWrite> v2Changes(CgroupLimits before, CgroupLimits limits) {
        return added(v2(before), v2(limits));
    }

    private static List<CgroupWrite> added(List<CgroupWrite> before, List<CgroupWrite> now) {
        return now.stream().filter(write -> !before.contains(write)).toList();
    }
}
