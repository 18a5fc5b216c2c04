package io.longshore.agent.execdriver.libcontainer.plan;

import io.longshore.agent.linux.MountFlags;
import io.longshore.contracts.agent.TmpfsOptionNames;
import io.longshore.contracts.error.Failure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The options of a tmpfs as mount(8) and tmpfs(5) have them, with Docker's defaults noexec, nosuid and nodev.
 *
 * @param attributes MOUNT_ATTR_ flags
 * @param settings of the file system: size, mode ...
 */
record TmpfsOptions(int attributes, Map<String, String> settings) {
    /** Each clears its opposite, and what neither has is the default or means nothing in memory. Access times are one field of several values. */
    private static final Map<String, Integer> FLAGS = Map.of(
            "ro", MountFlags.MOUNT_ATTR_RDONLY,
            "nosuid", MountFlags.MOUNT_ATTR_NOSUID,
            "nodev", MountFlags.MOUNT_ATTR_NODEV,
            "noexec", MountFlags.MOUNT_ATTR_NOEXEC,
            "noatime", MountFlags.MOUNT_ATTR_NOATIME,
            "strictatime", MountFlags.MOUNT_ATTR_STRICTATIME,
            "nodiratime", MountFlags.MOUNT_ATTR_NODIRATIME);

    private static final int ACCESS_TIMES = MountFlags.MOUNT_ATTR_NOATIME | MountFlags.MOUNT_ATTR_STRICTATIME;

    private static final Map<String, String> OPPOSITES = Map.of(
            "rw",
            "ro",
            "suid",
            "nosuid",
            "dev",
            "nodev",
            "exec",
            "noexec",
            "atime",
            "noatime",
            "diratime",
            "nodiratime");
    private static final int LONGEST = 4096;

    static TmpfsOptions parse(String destination, boolean readOnly, List<String> options) {
        List<String> all = new ArrayList<>(List.of("noexec", "nosuid", "nodev"));
        if (readOnly) {
            all.add("ro");
        }
        all.addAll(options);
        int attributes = 0;
        Map<String, String> settings = new LinkedHashMap<>();
        for (String option : all) {
            int equals = option.indexOf('=');
            String name = equals < 0 ? option : option.substring(0, equals);
            if (FLAGS.containsKey(option)) {
                int flag = FLAGS.getOrDefault(option, 0);
                attributes = (ACCESS_TIMES & flag) == 0 ? attributes | flag : (attributes & ~ACCESS_TIMES) | flag;
            } else if (OPPOSITES.containsKey(option)) {
                attributes &= ~FLAGS.getOrDefault(OPPOSITES.getOrDefault(option, ""), 0);
            } else if (equals > 0 && TmpfsOptionNames.SETTINGS.contains(name) && option.length() < LONGEST) {
                settings.put(name, option.substring(equals + 1));
            } else if (!TmpfsOptionNames.FLAGS.contains(option)) {
                throw new Failure.Invalid("invalid tmpfs option \""
                        + option.substring(0, Math.min(100, option.length())) + "\" for " + destination);
            }
        }
        return new TmpfsOptions(attributes, settings);
    }
}
