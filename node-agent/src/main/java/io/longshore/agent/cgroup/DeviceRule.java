package io.longshore.agent.cgroup;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A kind of device that a container may use.
 *
 * @param type {@code c} or {@code b}
 * @param major number, or {@link #ANY}
 * @param minor number, or {@link #ANY}
 * @param access letters of {@code rwm}: read, write, mknod
 */
public record DeviceRule(char type, int major, int minor, String access) {
    public static final int ANY = -1;

    private static final Pattern TEXT = Pattern.compile("([acb]) ([0-9]{1,7}|\\*):([0-9]{1,7}|\\*) ([rwm]{1,3})");
    private static final Pattern ACCESS = Pattern.compile("(?!.*(.).*\\1)[rwm]{1,3}");

    /** What Docker lets a container have: any node may be made, these may be used. */
    public static final List<DeviceRule> DOCKER_DEFAULT = List.of(
            new DeviceRule('c', ANY, ANY, "m"),
            new DeviceRule('b', ANY, ANY, "m"),
            new DeviceRule('c', 1, 3, "rwm"), // null
            new DeviceRule('c', 1, 5, "rwm"), // zero
            new DeviceRule('c', 1, 7, "rwm"), // full
            new DeviceRule('c', 1, 8, "rwm"), // random
            new DeviceRule('c', 1, 9, "rwm"), // urandom
            new DeviceRule('c', 5, 0, "rwm"), // tty
            new DeviceRule('c', 5, 1, "rwm"), // console
            new DeviceRule('c', 5, 2, "rwm"), // ptmx
            new DeviceRule('c', 136, ANY, "rwm"), // pts
            new DeviceRule('c', 10, 200, "rwm")); // net/tun

    /** Refuses what is no rule: the kernel would refuse it later, or take it for another. */
    public DeviceRule {
        if ((type != 'c' && type != 'b')
                || major < ANY
                || minor < ANY
                || !ACCESS.matcher(access).matches()) {
            throw new IllegalArgumentException("invalid device rule \"" + type + " " + major + ":" + minor + " "
                    + access + "\": want c or b, numbers from 0 up (or " + ANY + " for any), and letters of rwm");
        }
    }

    /**
     * Reads a rule as {@code --device-cgroup-rule} has it; {@code a} stands for both types.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static List<DeviceRule> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            String shown = text.substring(0, Math.min(text.length(), 100));
            throw new IllegalArgumentException("invalid device cgroup rule format: '" + shown + "'");
        }
        return matcher.group(1)
                .chars()
                .flatMap(type -> type == 'a' ? "cb".chars() : IntStream.of(type))
                .mapToObj(type -> new DeviceRule(
                        (char) type, number(matcher.group(2)), number(matcher.group(3)), matcher.group(4)))
                .toList();
    }

    private static int number(String text) {
        return text.equals("*") ? ANY : Integer.parseInt(text);
    }

    /** As devices.allow takes it. */
    @Override
    public String toString() {
        return type + " " + number(major) + ":" + number(minor) + " " + access;
    }

    private static String number(int value) {
        return value == ANY ? "*" : Integer.toString(value);
    }
}
