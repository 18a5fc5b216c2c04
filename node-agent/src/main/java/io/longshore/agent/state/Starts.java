package io.longshore.agent.state;

/**
 * How often a container was started, written before the kernel hears of it. How often its restart policy did so follows from it, so that
 * the two cannot differ after a crash.
 *
 * @param count the latest start, from 1; 0 before the first
 * @param bootId boot_id of random(4) at the latest start: under another one, nothing of it can be left
 * @param commanded the latest start that was made by a command; those after it were made by the restart policy
 */
public record Starts(long count, String bootId, long commanded) {
    /** Before the first start. */
    public static final Starts NONE = new Starts(0, "", 0);
}
