package io.longshore.agent.execdriver.libcontainer.plan;

import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.cgroup.Hierarchy;
import java.util.List;

/**
 * What a plan needs to know of the node.
 *
 * @param hierarchies of cgroups
 * @param cgroupRoot under which containers and supervisors get theirs
 * @param capabilities the agent's own bounding set, as a mask
 * @param lastCapability the highest number that the kernel knows (/proc/sys/kernel/cap_last_cap)
 * @param devices nodes below the node's /dev that a privileged container gets
 * @param kcore whether the kernel has /proc/kcore, to which /dev/core then links, as in runc
 */
public record HostFacts(
        List<Hierarchy> hierarchies,
        CgroupPath cgroupRoot,
        long capabilities,
        int lastCapability,
        List<DeviceNode> devices,
        boolean kcore) {
    public HostFacts {
        hierarchies = List.copyOf(hierarchies);
        devices = List.copyOf(devices);
    }

    /** A device: its path relative to /dev, S_IFCHR or S_IFBLK with permissions, and its number as mknod(2) takes it. */
    public record DeviceNode(String path, int mode, long number, int gid) {}
}
