package io.longshore.agent.seccomp;

import io.longshore.agent.linux.SeccompLibrary.Condition;
import io.longshore.agent.linux.SeccompLibrary.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A seccomp profile that came with a request, in the form of Docker's own (docs.docker.com/engine/security/seccomp).
 *
 * @param defaultAction of any call that no rule names, a SECCOMP_RET_ value
 * @param architectures let in beside the native one, by libseccomp's names
 * @param entries in the order of the profile
 */
record ClientProfile(int defaultAction, List<String> architectures, List<Entry> entries) {
    private static final int TRACE = 0x7ff00000;
    private static final int LOG = 0x7ffc0000;
    private static final int ACTION = 0xffff0000;

    ClientProfile {
        architectures = List.copyOf(architectures);
        entries = List.copyOf(entries);
    }

    /**
     * One entry of "syscalls".
     *
     * @param action a SECCOMP_RET_ value
     * @param includes it counts only for containers of which all of this holds
     * @param excludes and of which none of this does
     */
    record Entry(int action, List<String> calls, List<Condition> conditions, Filter includes, Filter excludes) {}

    /** Capabilities with CAP_, and the oldest kernel; entries of other architectures have been left out already. */
    record Filter(Set<String> capabilities, @Nullable KernelVersion kernel) {}

    /** Reads a profile; {@code Failure.Invalid} says what is wrong with it. Unknown calls are left out, as Docker does. */
    static ClientProfile parse(String text, String architecture) {
        return new ClientProfileReader(architecture).read(text);
    }

    /** Whether a call that the profile does not know is let through, so that a newer one needs no answer of its own. */
    boolean letsMostThrough() {
        int kind = defaultAction & ACTION;
        return kind == io.longshore.agent.linux.SeccompLibrary.ALLOW || kind == LOG || kind == TRACE;
    }

    /** The rules for a container with these capabilities on this kernel. One that does what is done anyway is left out. */
    List<Rule> select(Set<String> capabilities, KernelVersion running) {
        List<Rule> rules = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.action != defaultAction && applies(entry, capabilities, running)) {
                for (String call : entry.calls) {
                    alternatives(entry.conditions)
                            .forEach(conditions -> rules.add(new Rule(entry.action, call, conditions)));
                }
            }
        }
        return rules;
    }

    private static boolean applies(Entry entry, Set<String> capabilities, KernelVersion running) {
        KernelVersion from = entry.includes.kernel;
        KernelVersion before = entry.excludes.kernel;
        return capabilities.containsAll(entry.includes.capabilities)
                && entry.excludes.capabilities.stream().noneMatch(capabilities::contains)
                && (from == null || running.compareTo(from) >= 0)
                && (before == null || running.compareTo(before) < 0);
    }

    /** All conditions must hold; several of one argument, which the library cannot do, are alternatives, as in runc. */
    private static List<List<Condition>> alternatives(List<Condition> conditions) {
        Map<Integer, Condition> byArgument = new LinkedHashMap<>();
        conditions.forEach(condition -> byArgument.put(condition.argument(), condition));
        return byArgument.size() == conditions.size()
                ? List.of(conditions)
                : new LinkedHashSet<>(conditions).stream().map(List::of).toList();
    }
}
