package io.longshore.agent.seccomp;

import io.longshore.agent.linux.SeccompLibrary;
import io.longshore.agent.linux.SeccompLibrary.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A seccomp profile as data: what is allowed to whom. The text form is described at the head of {@code default.seccomp}.
 *
 * @param defaultErrno what any call fails with that no rule names
 * @param architectures let in beside the native one, by its name in the os.arch property
 * @param rules in no order; a call matches if any rule for it does
 * @param numbers system calls so new that a libseccomp may not know them, with their number, which is the same on every architecture
 */
record SeccompProfile(
        int defaultErrno,
        Map<String, List<String>> architectures,
        List<SeccompRule> rules,
        Map<String, Integer> numbers) {
    SeccompProfile {
        architectures = Map.copyOf(architectures);
        rules = List.copyOf(rules);
        numbers = Map.copyOf(numbers);
    }

    /** Docker's default profile. */
    static SeccompProfile dockerDefault() {
        try (InputStream in = SeccompProfile.class.getResourceAsStream("default.seccomp")) {
            if (in == null) {
                throw new IllegalStateException("the resource default.seccomp is missing from the agent's jar");
            }
            return SeccompProfileReader.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The rules for a container with these capabilities on this kernel, one per call and condition list. */
    List<Rule> select(Set<String> capabilities, KernelVersion kernel) {
        List<Rule> selected = new ArrayList<>();
        for (SeccompRule rule : rules) {
            if (rule.appliesTo(capabilities, kernel)) {
                for (String call : rule.calls()) {
                    int action = rule.errno() == 0 ? SeccompLibrary.ALLOW : SeccompLibrary.fail(rule.errno());
                    selected.add(new SeccompLibrary.Rule(action, call, rule.conditions()));
                }
            }
        }
        return selected;
    }
}
