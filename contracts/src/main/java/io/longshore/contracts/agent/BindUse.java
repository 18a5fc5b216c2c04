package io.longshore.contracts.agent;

/**
 * How a container has a directory or file of the host mounted.
 *
 * @param propagation of mounts between it and the host (mount_namespaces(7)): {@code private}, {@code slave} or {@code shared}, with an
 *     {@code r} before it for all that is mounted below
 * @param recursive whether what is mounted below it comes along
 * @param readOnlyBelow whether a read-only mount is so with all that is mounted below it
 * @param make whether a missing source is made, a directory of root
 */
public record BindUse(String propagation, boolean recursive, boolean readOnlyBelow, boolean make) {
    /** As most are. */
    public static final BindUse PLAIN = new BindUse("rprivate", true, true, false);
}
