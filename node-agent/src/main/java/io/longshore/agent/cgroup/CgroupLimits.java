package io.longshore.agent.cgroup;

import io.longshore.contracts.agent.ContainerSpec.Resources;
import java.util.List;

/**
 * What a container may use.
 *
 * @param resources amounts
 * @param devices which device nodes it may use; empty allows all
 * @param block what {@code resources} has of block devices, with their numbers
 */
public record CgroupLimits(Resources resources, List<DeviceRule> devices, BlockLimits block) {
    public CgroupLimits {
        devices = List.copyOf(devices);
    }

    /** Without limits of block devices. */
    public CgroupLimits(Resources resources, List<DeviceRule> devices) {
        this(resources, devices, BlockLimits.NONE);
    }

    /** No limit at all. */
    public static CgroupLimits none() {
        return new CgroupLimits(Resources.none(), List.of());
    }
}
