package io.longshore.agent.volumedriver.local;

import io.longshore.agent.linux.MountFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Options of a mount as mount(8) has them, taken apart for mount(2).
 *
 * @param flags MS_ flags
 * @param data what only the file system knows, separated by commas
 */
record MountOptions(int flags, String data) {
    private static final Map<String, Integer> SET = Map.ofEntries(
            Map.entry("ro", MountFlags.MS_RDONLY),
            Map.entry("nosuid", MountFlags.MS_NOSUID),
            Map.entry("nodev", MountFlags.MS_NODEV),
            Map.entry("noexec", MountFlags.MS_NOEXEC),
            Map.entry("sync", MountFlags.MS_SYNCHRONOUS),
            Map.entry("dirsync", MountFlags.MS_DIRSYNC),
            Map.entry("mand", MountFlags.MS_MANDLOCK),
            Map.entry("noatime", MountFlags.MS_NOATIME),
            Map.entry("nodiratime", MountFlags.MS_NODIRATIME),
            Map.entry("relatime", MountFlags.MS_RELATIME),
            Map.entry("strictatime", MountFlags.MS_STRICTATIME),
            Map.entry("bind", MountFlags.MS_BIND),
            Map.entry("rbind", MountFlags.MS_BIND | MountFlags.MS_REC));

    private static final Map<String, Integer> CLEARED = Map.of(
            "rw", MountFlags.MS_RDONLY,
            "suid", MountFlags.MS_NOSUID,
            "dev", MountFlags.MS_NODEV,
            "exec", MountFlags.MS_NOEXEC,
            "async", MountFlags.MS_SYNCHRONOUS,
            "nomand", MountFlags.MS_MANDLOCK,
            "atime", MountFlags.MS_NOATIME,
            "diratime", MountFlags.MS_NODIRATIME,
            "norelatime", MountFlags.MS_RELATIME,
            "nostrictatime", MountFlags.MS_STRICTATIME);

    /** The volume is mounted where only containers see it, so there is nothing to propagate to. */
    private static final Set<String> MEANINGLESS = Set.of(
            "defaults", "private", "rprivate", "slave", "rslave", "shared", "rshared", "unbindable", "runbindable");

    static MountOptions parse(String text) {
        int flags = 0;
        List<String> data = new ArrayList<>();
        for (String option : text.split(",")) {
            if (SET.containsKey(option)) {
                flags |= SET.getOrDefault(option, 0);
            } else if (CLEARED.containsKey(option)) {
                flags &= ~CLEARED.getOrDefault(option, 0);
            } else if (!option.isEmpty() && !MEANINGLESS.contains(option)) {
                data.add(option);
            }
        }
        return new MountOptions(flags, String.join(",", data));
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** The value of {@code name=value}; empty when it is not there. */
    static String value(String text, String name) {
        for (String option : text.split(",")) {
            if (option.startsWith(name + "=")) {
                return option.substring(name.length() + 1);
            }
        }
        return "";
    }
}
