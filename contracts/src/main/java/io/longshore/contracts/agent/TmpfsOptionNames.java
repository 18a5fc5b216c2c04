package io.longshore.contracts.agent;

import java.util.Set;

/** What a tmpfs may be mounted with (mount(8), tmpfs(5)): what a create takes, every agent can do. */
public final class TmpfsOptionNames {
    /** Those that stand alone. */
    public static final Set<String> FLAGS = Set.of(
            "defaults",
            "ro",
            "rw",
            "suid",
            "nosuid",
            "dev",
            "nodev",
            "exec",
            "noexec",
            "sync",
            "async",
            "dirsync",
            "atime",
            "noatime",
            "diratime",
            "nodiratime",
            "relatime",
            "norelatime",
            "strictatime",
            "nostrictatime",
            "mand",
            "nomand");

    /** Those with a value, as in {@code size=64m}. */
    public static final Set<String> SETTINGS = Set.of("size", "nr_blocks", "nr_inodes", "mode", "uid", "gid", "mpol");

    private TmpfsOptionNames() {}
}
