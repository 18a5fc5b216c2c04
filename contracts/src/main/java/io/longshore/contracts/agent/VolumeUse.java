package io.longshore.contracts.agent;

/**
 * How a container has a volume mounted.
 *
 * @param driver of the volume
 * @param subpath of the volume that is mounted, relative; empty for all of it
 */
public record VolumeUse(String driver, String subpath) {
    /** All of a volume of the node's own. */
    public static final VolumeUse WHOLE = new VolumeUse("local", "");
}
