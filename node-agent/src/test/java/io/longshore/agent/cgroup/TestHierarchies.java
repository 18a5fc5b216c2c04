package io.longshore.agent.cgroup;

import io.longshore.agent.linux.jna.JnaSyscalls;
import java.nio.file.Path;
import java.util.List;

/** The hierarchies of this machine, whichever version. */
public final class TestHierarchies {
    private TestHierarchies() {}

    /** The directory of a cgroup in each of them, be it there or not. */
    public static List<Path> directories(String path) {
        CgroupPath cgroup = new CgroupPath(path);
        return Cgroups.detect(new JnaSyscalls(), cgroup).hierarchies().stream()
                .map(hierarchy -> hierarchy.directory(cgroup))
                .toList();
    }

    /** Whether all there is is version 2. */
    public static boolean areUnifiedOnly() {
        return Cgroups.detect(new JnaSyscalls(), CgroupPath.LONGSHORE).isUnifiedOnly();
    }
}
