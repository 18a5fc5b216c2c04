package io.longshore.agent.volumedriver.plugin;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a plugin says that a volume is on the node. What is found there goes into containers, so that it must not be what containers are
 * kept from: neither the system's own directories, nor those of an engine, nor one that has any of these in it.
 */
record Mountpoint(Path path) {
    /** As PATH_MAX of the kernel. */
    private static final int LONGEST = 4095;

    /** What is right below the root is nobody's alone: /tmp, /home, /mnt, /srv. */
    private static final int LEAST_NAMES = 2;

    /** The system's: who has one in a container has the node, or what others keep secret on it. */
    private static final List<Path> SYSTEM = paths(
            "/bin",
            "/boot",
            "/dev",
            "/etc",
            "/lib",
            "/lib32",
            "/lib64",
            "/libx32",
            "/proc",
            "/root",
            "/sbin",
            "/sys",
            "/usr",
            "/run/containerd",
            "/run/credentials",
            "/run/dbus",
            "/run/docker",
            "/run/docker.sock",
            "/run/secrets",
            "/run/systemd",
            "/run/udev",
            "/run/user",
            "/var/lib/containerd",
            "/var/lib/docker",
            "/var/lib/dpkg",
            "/var/lib/systemd",
            "/var/log",
            "/var/spool");

    /** Why a plugin's answer is no mount point. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        Refused(String why) {
            super(why);
        }
    }

    /**
     * Reads an answer. Whether there is anything, and no link on the way, is seen when it is opened.
     *
     * @param ours directories of our own, which it may neither be, nor be in, nor have in it
     */
    static Mountpoint parse(String text, List<Path> ours) throws Refused {
        if (text.isEmpty()) {
            throw new Refused("it is empty");
        }
        if (text.length() > LONGEST) {
            throw new Refused("it is longer than " + LONGEST + " characters");
        }
        if (!text.equals(PluginText.of(text, LONGEST))) {
            throw new Refused("it has control characters");
        }
        Path path;
        try {
            path = Path.of(text);
        } catch (InvalidPathException e) {
            throw new Refused("it is no path here: " + e.getReason()); // Not every text is one in every locale.
        }
        if (!path.isAbsolute()) {
            throw new Refused("it is not absolute");
        }
        if (!path.equals(path.normalize())) {
            throw new Refused("it is not in full, without . and ..");
        }
        if (path.getNameCount() < LEAST_NAMES) {
            throw new Refused("no volume is right below the root");
        }
        for (List<Path> some : List.of(SYSTEM, ours)) {
            for (Path guarded : some) {
                if (path.startsWith(guarded)) {
                    throw new Refused("no volume may be in " + guarded);
                }
                if (guarded.startsWith(path)) {
                    throw new Refused("it has " + guarded + " in it");
                }
            }
        }
        return new Mountpoint(path);
    }

    /** What is shown of an answer to people: empty for what would not be mounted. */
    static String shown(String text, List<Path> ours) {
        try {
            return parse(text, ours).toString();
        } catch (Refused e) {
            return "";
        }
    }

    private static List<Path> paths(String... names) {
        return List.of(names).stream().map(Path::of).toList();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
