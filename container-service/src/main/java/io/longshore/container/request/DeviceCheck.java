package io.longshore.container.request;

import io.longshore.contracts.agent.BlockIo;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Devices, rules for devices, and limits of block devices. Whether a device is there, only its node knows. */
final class DeviceCheck {
    private static final Pattern RULE = Pattern.compile("[acb] ([0-9]{1,7}|\\*):([0-9]{1,7}|\\*) [rwm]{1,3}");
    private static final Pattern ACCESS = Pattern.compile("(?!.*(.).*\\1)[rwm]{1,3}");
    /** Each takes some calls at the start. */
    private static final int MOST = 500;

    private static final int LEAST_WEIGHT = 10;
    private static final int MOST_WEIGHT = 1000;

    private DeviceCheck() {}

    static void check(HostConfig host) {
        devices(host);
        for (String rule : rules(host)) {
            if (!RULE.matcher(rule).matches()
                    || !ACCESS.matcher(rule.substring(rule.lastIndexOf(' ') + 1))
                            .matches()) {
                throw new Failure.Invalid("invalid device cgroup rule format: '" + rule + "'");
            }
        }
        Integer weight = host.blkioWeight();
        if (weight != null && weight != 0 && isNoWeight(weight)) {
            throw new Failure.Invalid("Range of blkio weight is from 10 to 1000");
        }
        blockIo(host);
    }

    private static boolean isNoWeight(long weight) {
        return weight < LEAST_WEIGHT || weight > MOST_WEIGHT;
    }

    /** The devices, with what is left out filled in. */
    static List<ContainerSpec.Device> devices(HostConfig host) {
        List<ContainerSpec.Device> result = new ArrayList<>();
        for (HostConfig.Device device : host.devices() == null ? List.<HostConfig.Device>of() : host.devices()) {
            String path = path("HostConfig.Devices.PathOnHost", device.pathOnHost());
            String inside = device.pathInContainer();
            String access = device.cgroupPermissions();
            String known = access == null || access.isEmpty() ? "rwm" : access;
            if (!ACCESS.matcher(known).matches()) {
                throw new Failure.Invalid("invalid device mode: " + known);
            }
            result.add(new ContainerSpec.Device(
                    path,
                    inside == null || inside.isEmpty() ? path : path("HostConfig.Devices.PathInContainer", inside),
                    known));
        }
        if (result.size() > MOST) {
            throw new Failure.Invalid("a container can have at most " + MOST + " devices, not " + result.size());
        }
        return result;
    }

    static List<String> rules(HostConfig host) {
        List<String> rules = host.deviceCgroupRules();
        if (rules != null && rules.size() > MOST) {
            throw new Failure.Invalid("a container can have at most " + MOST + " device rules, not " + rules.size());
        }
        return rules == null ? List.of() : rules;
    }

    /** Limits of block devices, by their paths. */
    static BlockIo blockIo(HostConfig host) {
        return new BlockIo(
                host.blkioWeight() == null ? 0 : host.blkioWeight(),
                weights(host.blkioWeightDevice()),
                rates("HostConfig.BlkioDeviceReadBps", host.blkioDeviceReadBps()),
                rates("HostConfig.BlkioDeviceWriteBps", host.blkioDeviceWriteBps()),
                rates("HostConfig.BlkioDeviceReadIOps", host.blkioDeviceReadIOps()),
                rates("HostConfig.BlkioDeviceWriteIOps", host.blkioDeviceWriteIOps()));
    }

    private static List<ContainerSpec.DeviceValue> weights(@Nullable List<HostConfig.WeightDevice> devices) {
        List<ContainerSpec.DeviceValue> result = new ArrayList<>();
        for (HostConfig.WeightDevice device : devices == null ? List.<HostConfig.WeightDevice>of() : devices) {
            String path = path("HostConfig.BlkioWeightDevice", device.path());
            int weight = device.weight() == null ? 0 : device.weight();
            if (isNoWeight(weight)) {
                throw new Failure.Invalid("invalid weight for device: " + path + ":" + weight + ": want 10 to 1000");
            }
            result.add(new ContainerSpec.DeviceValue(path, weight));
        }
        return bounded(result);
    }

    private static List<ContainerSpec.DeviceValue> rates(
            String field, @Nullable List<HostConfig.ThrottleDevice> devices) {
        List<ContainerSpec.DeviceValue> result = new ArrayList<>();
        for (HostConfig.ThrottleDevice device : devices == null ? List.<HostConfig.ThrottleDevice>of() : devices) {
            String path = path(field, device.path());
            long rate = ResourceCheck.of(device.rate());
            if (rate < 0) {
                throw new Failure.Invalid("invalid rate for device: " + path + ":" + rate);
            }
            result.add(new ContainerSpec.DeviceValue(path, rate));
        }
        return bounded(result);
    }

    private static List<ContainerSpec.DeviceValue> bounded(List<ContainerSpec.DeviceValue> values) {
        if (values.size() > MOST) {
            throw new Failure.Invalid("limits of at most " + MOST + " devices are possible, not " + values.size());
        }
        return values;
    }

    private static String path(String field, @Nullable String path) {
        if (path == null || !path.startsWith("/")) {
            throw new Failure.Invalid("invalid " + field + ": '" + path + "' is not an absolute path");
        }
        return path;
    }
}
