package io.longshore.agent.graphdriver.overlay2;

import static io.longshore.agent.linux.MountFlags.MNT_DETACH;
import static io.longshore.agent.linux.MountFlags.MS_NODEV;
import static io.longshore.agent.linux.MountFlags.MS_NOSUID;
import static io.longshore.agent.linux.MountFlags.MS_RDONLY;
import static io.longshore.agent.linux.MountFlags.OPEN_TREE_CLOEXEC;
import static io.longshore.agent.linux.MountFlags.OPEN_TREE_CLONE;
import static io.longshore.agent.linux.MountFlags.UMOUNT_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_PATH;

import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Overlay mounts for the agent's own eyes (Documentation/filesystems/overlayfs.rst). A mount is taken off its mount point the moment a
 * descriptor has a copy of it, so it lives only as long as that descriptor, and nothing else can see or hold it.
 */
final class PrivateMount {
    private final Syscalls syscalls;
    private final Path directory;

    /** @param directory the driver's */
    PrivateMount(Syscalls syscalls, Path directory) {
        this.syscalls = syscalls;
        this.directory = directory;
    }

    /**
     * Joins layers for reading and writing.
     *
     * @param lowers names relative to the driver's directory, topmost first, at least one
     * @param place an existing directory with {@code diff}, {@code work} and {@code merged} in it
     */
    ContainerRoot writable(List<String> lowers, Path place) throws IOException {
        try (Fd base = open(directory);
                Fd own = open(place)) {
            String data = lowerdir(base, lowers) + ",upperdir=" + own.procPath() + "/diff,workdir=" + own.procPath()
                    + "/work,index=off";
            return mount(own.procPath() + "/merged", MS_NOSUID | MS_NODEV, data);
        }
    }

    /** Joins layers for reading; at least two, since overlay wants no fewer without an upper. */
    ContainerRoot readOnly(List<String> lowers, Path mountPoint) throws IOException {
        try (Fd base = open(directory)) {
            return mount(mountPoint.toString(), MS_RDONLY | MS_NOSUID | MS_NODEV, lowerdir(base, lowers));
        }
    }

    private Fd open(Path path) throws IOException {
        return syscalls.open(path.toString(), O_PATH | O_DIRECTORY, 0);
    }

    private static String lowerdir(Fd base, List<String> lowers) {
        return lowers.stream()
                .map(lower -> base.procPath() + "/" + lower)
                .collect(Collectors.joining(":", "lowerdir=", ""));
    }

    private ContainerRoot mount(String point, int flags, String data) throws IOException {
        syscalls.mount("overlay", point, "overlay", flags, data);
        try {
            // A copy of the mount, not the mount itself: in one that was detached, openat2(2) answers EAGAIN for ever
            // to a path through
            // an absolute link and "..".
            return ContainerRoot.of(syscalls, syscalls.openTree(Fd.CWD, point, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
        } finally {
            syscalls.umount2(point, MNT_DETACH);
        }
    }

    /** Takes off what an agent that was killed between mount and umount left mounted beneath the driver's directory. */
    void sweep() throws IOException {
        List<String> left = new ArrayList<>();
        String prefix = directory + "/";
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1)) {
            String[] fields = line.split(" ", 6);
            if (fields.length > 4 && fields[4].startsWith(prefix)) {
                left.addFirst(fields[4]);
            }
        }
        for (String mountPoint : left) {
            syscalls.umount2(mountPoint, MNT_DETACH | UMOUNT_NOFOLLOW);
        }
    }
}
