package io.longshore.agent.cgroup;

import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.Syscalls;
import io.longshore.contracts.error.Failure;
import java.util.List;

/**
 * Keeps devices from a cgroup where no version 1 devices controller does: a {@link DeviceProgram} is attached to its version 2
 * directory, and goes with it. Thread-safe.
 */
final class DeviceGuard {
    private final Syscalls syscalls;

    DeviceGuard(Syscalls syscalls) {
        this.syscalls = syscalls;
    }

    /**
     * Before the first process joins. {@code Internal} if nothing on this machine can hold the rules: a container without them
     * could use every disk.
     *
     * @param path of a cgroup that is made
     * @param rules none allows all
     */
    void guard(List<Hierarchy> hierarchies, CgroupPath path, List<DeviceRule> rules) {
        if (rules.isEmpty() || !isNeeded(hierarchies)) {
            return;
        }
        Hierarchy unified = hierarchies.stream()
                .filter(Hierarchy::unified)
                .findFirst()
                .orElseThrow(() -> new Failure.Internal("cannot restrict the devices of cgroup " + path
                        + ": neither the devices controller nor a version 2 hierarchy is mounted; mount one of them"));
        byte[] instructions = DeviceProgram.compile(rules);
        try (Fd program = syscalls.loadDeviceProgram(instructions);
                Fd directory = syscalls.open(
                        unified.directory(path).toString(), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0)) {
            syscalls.attachDeviceProgram(directory, program);
        } catch (ErrnoException e) {
            throw new Failure.Internal(
                    "cannot restrict the devices of cgroup " + path + ": " + e.getMessage()
                            + "; the kernel needs CONFIG_CGROUP_BPF, the agent the capabilities BPF and NET_ADMIN",
                    e);
        }
    }

    boolean isNeeded(List<Hierarchy> hierarchies) {
        return hierarchies.stream().noneMatch(DeviceGuard::hasController);
    }

    private static boolean hasController(Hierarchy hierarchy) {
        return !hierarchy.unified() && hierarchy.controllers().contains("devices");
    }
}
