package io.longshore.agent.seccomp;

import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.SeccompLibrary;
import io.longshore.agent.linux.SeccompLibrary.Rule;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Docker's default seccomp profile, compiled to BPF: once per set of capabilities, which is what its rules depend on. The last
 * 64 are kept (4 to 12 KB each); few agents see more than a handful. Thread-safe.
 */
public final class SeccompFilters {
    private static final int KEPT = 64;

    private final SeccompLibrary library;
    private final KernelVersion kernel;
    private final String architecture;
    private final SeccompProfile profile = SeccompProfile.dockerDefault();
    private final Map<Set<String>, byte[]> compiled = new LinkedHashMap<>(16, 0.75f, true);

    public SeccompFilters(SeccompLibrary library, KernelVersion kernel) {
        this.library = library;
        this.kernel = kernel;
        this.architecture = System.getProperty("os.arch");
    }

    /** The default profile's filter for a container with these capabilities (with {@code CAP_}): an array of struct sock_filter. */
    public byte[] dockerDefault(Collection<String> capabilities) throws ErrnoException {
        Set<String> key = new TreeSet<>(capabilities);
        synchronized (compiled) {
            byte[] known = compiled.get(key);
            if (known != null) {
                return known.clone();
            }
        }
        byte[] filter = compile(key);
        synchronized (compiled) {
            compiled.put(key, filter);
            if (compiled.size() > KEPT) {
                compiled.remove(compiled.keySet().iterator().next());
            }
        }
        return filter.clone();
    }

    private byte[] compile(Set<String> capabilities) throws ErrnoException {
        List<Rule> rules = profile.select(capabilities, kernel);
        byte[] filter = library.compile(
                profile.defaultErrno(), profile.architectures().getOrDefault(architecture, List.of()), rules);
        Map<String, Integer> numbers = profile.numbers();
        List<Integer> allowed = rules.stream()
                .filter(rule -> rule.errno() == 0 && rule.conditions().isEmpty())
                .map(rule -> numbers.getOrDefault(rule.call(), -1))
                .filter(number -> number >= 0)
                .distinct()
                .sorted()
                .toList();
        int first = numbers.values().stream().min(Integer::compare).orElseThrow();
        int last = numbers.values().stream().max(Integer::compare).orElseThrow();
        return NewCalls.before(filter, allowed, first, last);
    }
}
