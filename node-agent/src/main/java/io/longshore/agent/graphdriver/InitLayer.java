package io.longshore.agent.graphdriver;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.path.Attributes;
import io.longshore.agent.linux.path.ContainerRoot;
import java.io.IOException;
import java.util.List;

/** What every container's root has whatever its image: the mount points that a container needs, made only where the image has nothing. */
public final class InitLayer {
    private static final List<String> DIRECTORIES = List.of("/dev", "/dev/pts", "/dev/shm", "/proc", "/sys", "/etc");
    private static final List<String> FILES =
            List.of("/.dockerenv", "/dev/console", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf");

    private InitLayer() {}

    /** Adds to a root what it lacks. What is there keeps its kind, owner and mode, even where it will not do as a mount point. */
    public static void complete(ContainerRoot root) throws IOException {
        for (String directory : DIRECTORIES) {
            if (lacks(root, directory)) {
                root.directory(directory, Attributes.ofMode(0755));
            }
        }
        for (String file : FILES) {
            if (lacks(root, file)) {
                root.createFile(file).close();
                root.apply(file, Attributes.ofMode(0755));
            }
        }
        if (lacks(root, "/etc/mtab")) {
            root.symlink("/etc/mtab", "/proc/mounts", Attributes.ofMode(0777));
        }
    }

    /** Whether a path can be made: there is nothing, but a directory to make it in. An image's /etc may lead nowhere or be a file. */
    private static boolean lacks(ContainerRoot root, String path) throws IOException {
        try {
            String above = path.substring(0, path.lastIndexOf('/'));
            boolean room =
                    root.status(above + "/.").map(FileStatus::isDirectory).orElse(false);
            return room && root.status(path).isEmpty();
        } catch (ErrnoException e) {
            if (e.is(Errno.ELOOP)) {
                return false;
            }
            throw e;
        }
    }
}
