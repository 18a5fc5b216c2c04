package io.longshore.agent.cgroup;

import io.longshore.contracts.agent.ContainerSpec.Resources;
import java.util.List;

/**
 * What a container may use.
 *
 * @param resources amounts
 * @param devices which device nodes it may use; empty allows all
 */
public record CgroupLimits(Resources resources, List<DeviceRule> devices) {
    public CgroupLimits {
        devices = List.copyOf(devices);
    }

    /** No limit at all. */
    public static CgroupLimits none() {
        return new CgroupLimits(new Resources(0, 0, 0, 0, 0, 0, "", "", 0, null), List.of());
    }
}
