package io.longshore.agent.seccomp;

import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.SeccompLibrary;
import io.longshore.agent.linux.SeccompLibrary.Rule;
import io.longshore.contracts.error.Failure;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Docker's default seccomp profile, and profiles of clients, compiled to BPF: once per profile and set of capabilities, which is what
 * rules depend on. The last 64 are kept (4 to 32 KB each); few agents see more than a handful. Thread-safe.
 */
public final class SeccompFilters {
    /** The name of Docker's own profile. */
    public static final String DEFAULT = "default";

    /** The name of none. */
    public static final String UNCONFINED = "unconfined";

    private static final int KEPT = 64;
    /** BPF_MAXINSNS of 8 bytes each. */
    private static final int LARGEST = 4096 * 8;
    /** Of a client's profile after which it is not even compiled: the default one has 400, and each takes an instruction at least. */
    private static final int MOST_RULES = 4096;
    /** Below, a number means another call on another architecture. */
    private static final int LAST_DIFFERENT = 402;

    private final SeccompLibrary library;
    private final KernelVersion kernel;
    private final String architecture;
    private final SeccompProfile profile = SeccompProfile.dockerDefault();
    private final Map<Key, byte[]> compiled = new LinkedHashMap<>(16, 0.75f, true);

    private record Key(String profile, Set<String> capabilities) {}

    public SeccompFilters(SeccompLibrary library, KernelVersion kernel) {
        this.library = library;
        this.kernel = kernel;
        this.architecture = System.getProperty("os.arch");
    }

    /**
     * The filter of a container with these capabilities (with {@code CAP_}): an array of struct sock_filter, empty for none.
     *
     * @param name {@link #DEFAULT}, {@link #UNCONFINED} or a profile in Docker's JSON form
     * @throws Failure.Invalid if a profile cannot be read or compiled; says why
     */
    public byte[] filter(String name, Collection<String> capabilities) throws ErrnoException {
        return switch (name) {
            case UNCONFINED -> new byte[0];
            case DEFAULT -> dockerDefault(capabilities);
            default -> ofClient(name, new TreeSet<>(capabilities));
        };
    }

    /**
     * The same filter in the words of an OCI runtime (runtime-spec, config-linux.md, seccomp); empty for none.
     *
     * @throws Failure.Invalid if a profile cannot be read
     */
    public Optional<Map<String, Object>> ociFilter(String name, Collection<String> capabilities) {
        if (name.equals(UNCONFINED)) {
            return Optional.empty();
        }
        Set<String> has = new TreeSet<>(capabilities);
        if (name.equals(DEFAULT)) {
            return Optional.of(OciFilter.of(
                    SeccompLibrary.fail(profile.defaultErrno()),
                    profile.architectures().getOrDefault(architecture, List.of()),
                    profile.select(has, kernel)));
        }
        ClientProfile client = ClientProfile.parse(name, architecture);
        return Optional.of(OciFilter.of(client.defaultAction(), client.architectures(), client.select(has, kernel)));
    }

    /** The default profile's filter for a container with these capabilities (with {@code CAP_}): an array of struct sock_filter. */
    public byte[] dockerDefault(Collection<String> capabilities) throws ErrnoException {
        Key key = new Key(DEFAULT, new TreeSet<>(capabilities));
        byte[] known = known(key);
        return known == null ? keep(key, compile(key.capabilities)) : known;
    }

    private byte[] ofClient(String text, Set<String> capabilities) throws ErrnoException {
        Key key = new Key(digest(text), capabilities);
        byte[] known = known(key);
        if (known != null) {
            return known;
        }
        ClientProfile read = ClientProfile.parse(text, architecture);
        try {
            return keep(key, compile(read, capabilities));
        } catch (ErrnoException e) {
            throw new Failure.Invalid("the seccomp profile cannot be compiled: " + e.getMessage(), e);
        }
    }

    private byte @org.jspecify.annotations.Nullable [] known(Key key) {
        synchronized (compiled) {
            byte[] known = compiled.get(key);
            return known == null ? null : known.clone();
        }
    }

    private byte[] keep(Key key, byte[] filter) {
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
                SeccompLibrary.fail(profile.defaultErrno()),
                profile.architectures().getOrDefault(architecture, List.of()),
                rules);
        Map<String, Integer> numbers = profile.numbers();
        int first = numbers.values().stream().min(Integer::compare).orElseThrow();
        int last = numbers.values().stream().max(Integer::compare).orElseThrow();
        return NewCalls.before(filter, newlyAllowed(rules), first, last);
    }

    /** Calls newer than the library may be, allowed whatever their arguments. */
    private List<Integer> newlyAllowed(List<Rule> rules) {
        return rules.stream()
                .filter(rule -> rule.action() == SeccompLibrary.ALLOW
                        && rule.conditions().isEmpty())
                .map(rule -> profile.numbers().getOrDefault(rule.call(), -1))
                .filter(number -> number >= 0)
                .distinct()
                .sorted()
                .toList();
    }

    private byte[] compile(ClientProfile client, Set<String> capabilities) throws ErrnoException {
        List<Rule> rules =
                client.select(capabilities, kernel).stream().distinct().toList();
        if (rules.size() > MOST_RULES) {
            throw new Failure.Invalid("the seccomp profile is too large: it comes to " + rules.size()
                    + " rules, and at most " + MOST_RULES + " are compiled");
        }
        byte[] filter = library.compile(client.defaultAction(), client.architectures(), rules);
        if (client.letsMostThrough()) {
            return checked(filter);
        }
        int first = profile.numbers().values().stream().min(Integer::compare).orElseThrow();
        int last = LAST_DIFFERENT;
        for (Rule rule : rules) {
            int number = profile.numbers().getOrDefault(rule.call(), -1);
            last = Math.max(last, number >= 0 ? number : library.number(rule.call()));
        }
        return checked(NewCalls.before(filter, newlyAllowed(rules), Math.min(first, last + 1), last));
    }

    private static byte[] checked(byte[] filter) {
        if (filter.length > LARGEST) {
            throw new Failure.Invalid("the seccomp profile is too large: it comes to " + filter.length / 8
                    + " instructions, and the kernel takes " + LARGEST / 8);
        }
        return filter;
    }

    private static String digest(String text) {
        try {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
