package io.longshore.agent.state;

/**
 * How often a container was started, written before the kernel hears of it.
 *
 * @param count the latest start, from 1; 0 before the first
 * @param bootId boot_id of random(4) at the latest start: under another one, nothing of it can be left
 */
public record Starts(long count, String bootId) {
    /** Before the first start. */
    public static final Starts NONE = new Starts(0, "");
}
