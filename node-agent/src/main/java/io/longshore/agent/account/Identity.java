package io.longshore.agent.account;

import java.util.List;

/**
 * Who a process is.
 *
 * @param uid user id, 0 to 2147483647
 * @param gid group id, likewise
 * @param groups supplementary groups
 * @param home the user's home directory, {@code /} if it has none
 */
public record Identity(int uid, int gid, List<Integer> groups, String home) {
    public Identity {
        groups = List.copyOf(groups);
    }
}
