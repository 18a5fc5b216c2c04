package io.longshore.agent.linux;

/**
 * The argument of mount_setattr(2).
 *
 * @param set MOUNT_ATTR_ flags to set
 * @param clear MOUNT_ATTR_ flags to clear
 * @param propagation MS_SHARED, MS_PRIVATE, MS_SLAVE, MS_UNBINDABLE, or 0 to leave it
 */
public record MountAttributes(long set, long clear, long propagation) {}
