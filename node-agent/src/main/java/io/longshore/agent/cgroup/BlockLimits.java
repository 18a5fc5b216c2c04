package io.longshore.agent.cgroup;

import java.util.List;

/**
 * Shares and rates of block devices, by device number: a path means nothing to a cgroup.
 *
 * @param weight 10 to 1,000 as Docker counts, of all devices; 0 is none
 * @param weights of single devices
 * @param readBps bytes per second
 * @param writeBps bytes per second
 * @param readIops operations per second
 * @param writeIops operations per second
 */
public record BlockLimits(
        int weight,
        List<Limit> weights,
        List<Limit> readBps,
        List<Limit> writeBps,
        List<Limit> readIops,
        List<Limit> writeIops) {
    /** Nothing is limited. */
    public static final BlockLimits NONE = new BlockLimits(0, List.of(), List.of(), List.of(), List.of(), List.of());

    public BlockLimits {
        weights = List.copyOf(weights);
        readBps = List.copyOf(readBps);
        writeBps = List.copyOf(writeBps);
        readIops = List.copyOf(readIops);
        writeIops = List.copyOf(writeIops);
    }

    /** A value for the device {@code major:minor}. */
    public record Limit(int major, int minor, long value) {
        String device() {
            return major + ":" + minor;
        }
    }
}
