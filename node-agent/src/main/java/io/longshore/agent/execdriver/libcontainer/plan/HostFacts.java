package io.longshore.agent.execdriver.libcontainer.plan;

import io.longshore.agent.apparmor.AppArmor;
import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.cgroup.Hierarchy;
import io.longshore.contracts.agent.ContainerSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * What a plan needs to know of the node.
 *
 * @param hierarchies of cgroups
 * @param cgroupRoot under which containers and supervisors get theirs
 * @param capabilities the agent's own bounding set, as a mask
 * @param lastCapability the highest number that the kernel knows (/proc/sys/kernel/cap_last_cap)
 * @param devices nodes below the node's /dev that a privileged container gets, by absolute path
 * @param appArmor what it can do
 * @param kcore whether the kernel has /proc/kcore, to which /dev/core then links, as in runc
 * @param throttling directories of /sys that tell how hot each processor is, by which containers could watch each other (GHSA-6fw5-f8r9-fgfm)
 */
public record HostFacts(
        List<Hierarchy> hierarchies,
        CgroupPath cgroupRoot,
        long capabilities,
        int lastCapability,
        List<DeviceNode> devices,
        AppArmor appArmor,
        boolean kcore,
        List<String> throttling) {
    public HostFacts {
        hierarchies = List.copyOf(hierarchies);
        devices = List.copyOf(devices);
        throttling = List.copyOf(throttling);
    }

    /** What a container is not to see: nothing of these where it is to see all. */
    List<String> masked(ContainerSpec.Security security) {
        if (security.privileged() || security.maskedPaths().isEmpty()) {
            return List.of();
        }
        List<String> all = new ArrayList<>(security.maskedPaths());
        throttling.stream().filter(path -> !all.contains(path)).forEach(all::add);
        return all;
    }

    /** A device: its absolute path, S_IFCHR or S_IFBLK with permissions, its number as mknod(2) takes it, and whose it is. */
    public record DeviceNode(String path, int mode, long number, int uid, int gid) {}
}
