package io.longshore.agent.execdriver.libcontainer.plan;

import io.longshore.contracts.error.Failure;
import java.util.Collection;
import java.util.List;

/** Capabilities by name and number (linux/capability.h), and sets of them as the masks of capset(2). */
public final class Capabilities {
    private static final List<String> NAMES = List.of(
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

    private Capabilities() {}

    /**
     * The mask of a container's set on this node.
     *
     * @param available what the agent itself has. All capabilities, as privileged containers and {@code --cap-add ALL} ask for,
     *     means all of these; a single one that is not among them is {@code Invalid}.
     */
    static long mask(Collection<String> names, long available) {
        long mask = 0;
        for (String name : names) {
            int number = NAMES.indexOf(name);
            if (number < 0) {
                throw new Failure.Invalid("unknown capability \"" + shortened(name) + "\"");
            }
            mask |= 1L << number;
        }
        if (mask == (1L << NAMES.size()) - 1) {
            return available & mask;
        }
        if ((mask & ~available) != 0) {
            String missing = NAMES.get(Long.numberOfTrailingZeros(mask & ~available));
            throw new Failure.Invalid("capability " + missing + " is not available on this node");
        }
        return mask;
    }

    /** The names in a mask, for what is chosen by name. */
    static List<String> names(long mask) {
        return NAMES.stream()
                .filter(name -> (mask >> NAMES.indexOf(name) & 1) != 0)
                .toList();
    }

    private static String shortened(String name) {
        return name.substring(0, Math.min(name.length(), 100));
    }
}
