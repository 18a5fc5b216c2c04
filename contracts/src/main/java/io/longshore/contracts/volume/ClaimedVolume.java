package io.longshore.contracts.volume;

/**
 * A volume that is claimed.
 *
 * @param name 64 hexadecimal digits when anonymous
 * @param destination as asked for
 * @param driver such as {@code local}
 * @param anonymous whether it was made without a name
 */
public record ClaimedVolume(String name, String destination, String driver, boolean anonymous) {}
