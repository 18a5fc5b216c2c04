package io.longshore.container.kernel;

import io.longshore.contracts.agent.CapabilityNames;
import io.longshore.contracts.error.Failure;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Capability names (capabilities(7)) and what CapAdd, CapDrop and Privileged make of them. */
public final class Capabilities {
    /** The fourteen that a container has by default. */
    public static final List<String> DEFAULT = List.of(
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FSETID",
            "CAP_FOWNER",
            "CAP_MKNOD",
            "CAP_NET_RAW",
            "CAP_SETGID",
            "CAP_SETUID",
            "CAP_SETFCAP",
            "CAP_SETPCAP",
            "CAP_NET_BIND_SERVICE",
            "CAP_SYS_CHROOT",
            "CAP_KILL",
            "CAP_AUDIT_WRITE");

    private Capabilities() {}

    /** The set of a container. ALL in {@code add} starts from everything, ALL in {@code drop} from nothing; then the named ones. */
    public static List<String> effective(boolean privileged, @Nullable List<String> add, @Nullable List<String> drop) {
        Set<String> added = normalise("CapAdd", add);
        Set<String> dropped = normalise("CapDrop", drop);
        if (privileged) {
            return CapabilityNames.ALL;
        }
        Set<String> result = new LinkedHashSet<>();
        if (added.contains("ALL")) {
            result.addAll(CapabilityNames.ALL);
        } else if (!dropped.contains("ALL")) {
            result.addAll(DEFAULT);
        }
        dropped.forEach(result::remove);
        added.stream().filter(name -> !name.equals("ALL")).forEach(result::add);
        return List.copyOf(result);
    }

    private static Set<String> normalise(String field, @Nullable List<String> names) {
        Set<String> result = new LinkedHashSet<>();
        for (String name : names == null ? List.<String>of() : names) {
            String upper = name.toUpperCase(Locale.ROOT);
            String full = upper.equals("ALL") || upper.startsWith("CAP_") ? upper : "CAP_" + upper;
            if (!full.equals("ALL") && !CapabilityNames.ALL.contains(full)) {
                throw new Failure.Invalid("invalid " + field + ": unknown capability: \"" + full + "\"");
            }
            result.add(full);
        }
        return result;
    }
}
