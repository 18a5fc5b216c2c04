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
            new BlkioController(),
            new IoController(),
            new DevicesController());

    /** As in /proc/cgroups and cgroup.controllers. */
    String name();

    /** Documentation/admin-guide/cgroup-v1. */
    List<CgroupWrite> v1(CgroupLimits limits);

    /** Documentation/admin-guide/cgroup-v2.rst. */
    List<CgroupWrite> v2(CgroupLimits limits);
}
