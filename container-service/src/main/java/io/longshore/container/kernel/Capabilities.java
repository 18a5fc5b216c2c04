package io.longshore.container.kernel;

import io.longshore.contracts.error.Failure;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Capability names (capabilities(7)) and what CapAdd, CapDrop and Privileged make of them. */
public final class Capabilities {
    /** All of Linux 6.18, by number. */
    public static final List<String> ALL = List.of(
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_DAC_READ_SEARCH",
            "CAP_FOWNER",
            "CAP_FSETID",
            "CAP_KILL",
            "CAP_SETGID",
            "CAP_SETUID",
            "CAP_SETPCAP",
            "CAP_LINUX_IMMUTABLE",
            "CAP_NET_BIND_SERVICE",
            "CAP_NET_BROADCAST",
            "CAP_NET_ADMIN",
            "CAP_NET_RAW",
            "CAP_IPC_LOCK",
            "CAP_IPC_OWNER",
            "CAP_SYS_MODULE",
            "CAP_SYS_RAWIO",
            "CAP_SYS_CHROOT",
            "CAP_SYS_PTRACE",
            "CAP_SYS_PACCT",
            "CAP_SYS_ADMIN",
            "CAP_SYS_BOOT",
            "CAP_SYS_NICE",
            "CAP_SYS_RESOURCE",
            "CAP_SYS_TIME",
            "CAP_SYS_TTY_CONFIG",
            "CAP_MKNOD",
            "CAP_LEASE",
            "CAP_AUDIT_WRITE",
            "CAP_AUDIT_CONTROL",
            "CAP_SETFCAP",
            "CAP_MAC_OVERRIDE",
            "CAP_MAC_ADMIN",
            "CAP_SYSLOG",
            "CAP_WAKE_ALARM",
            "CAP_BLOCK_SUSPEND",
            "CAP_AUDIT_READ",
            "CAP_PERFMON",
            "CAP_BPF",
            "CAP_CHECKPOINT_RESTORE");

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
            return ALL;
        }
        Set<String> result = new LinkedHashSet<>();
        if (added.contains("ALL")) {
            result.addAll(ALL);
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
            if (!full.equals("ALL") && !ALL.contains(full)) {
                throw new Failure.Invalid("invalid " + field + ": unknown capability: \"" + full + "\"");
            }
            result.add(full);
        }
        return result;
    }
}
