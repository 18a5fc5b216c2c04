package io.longshore.agent.seccomp;

import io.longshore.agent.linux.SeccompLibrary.Condition;
import java.util.List;
import java.util.Set;

/**
 * One line of the profile.
 *
 * @param errno what the calls fail with; 0 allows them
 * @param calls by name
 * @param conditions on the arguments; all must hold
 * @param with a capability of which the container must have this one, or empty
 * @param without a capability that it must not have, or empty
 * @param kernel the oldest kernel
 */
record SeccompRule(
        int errno, List<String> calls, List<Condition> conditions, String with, String without, KernelVersion kernel) {
    boolean appliesTo(Set<String> capabilities, KernelVersion running) {
        return (with.isEmpty() || capabilities.contains(with))
                && (without.isEmpty() || !capabilities.contains(without))
                && running.compareTo(kernel) >= 0;
    }
}
