package io.longshore.contracts.agent;

import io.longshore.contracts.agent.ContainerSpec.DeviceValue;
import java.util.List;

/**
 * Block devices' shares and rates.
 *
 * @param weight 10 to 1,000, of all devices; 0 is none
 * @param weights of single devices
 * @param readBps bytes per second
 * @param writeBps bytes per second
 * @param readIops operations per second
 * @param writeIops operations per second
 */
public record BlockIo(
        int weight,
        List<DeviceValue> weights,
        List<DeviceValue> readBps,
        List<DeviceValue> writeBps,
        List<DeviceValue> readIops,
        List<DeviceValue> writeIops) {
    /** Nothing is limited. */
    public static final BlockIo NONE = new BlockIo(0, List.of(), List.of(), List.of(), List.of(), List.of());
}
