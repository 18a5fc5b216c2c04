package io.longshore.agent.cgroup;

import java.util.ArrayList;
import java.util.List;

/** Which devices may be used. Version 2 has no files for it: a {@link DeviceProgram} is attached instead, by {@link DeviceGuard}. */
final class DevicesController implements Controller {
    @Override
    public String name() {
        return "devices";
    }

    @Override
    public List<CgroupWrite> v1(CgroupLimits limits) {
        List<CgroupWrite> writes = new ArrayList<>();
        if (!limits.devices().isEmpty()) {
            writes.add(CgroupWrite.of("devices.deny", "a"));
            for (DeviceRule rule : limits.devices()) {
                writes.add(CgroupWrite.of("devices.allow", rule.toString()));
            }
        }
        return writes;
    }

    @Override
    public List<CgroupWrite> v2(CgroupLimits limits) {
        return List.of();
    }
}
