package io.longshore.platform.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** Files with keys, which users write themselves. A group may read one: Kubernetes mounts secrets so. */
public final class PrivateFile {
    private static final Set<PosixFilePermission> FOR_OTHERS = EnumSet.of(
            PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.GROUP_WRITE);

    private PrivateFile() {}

    /** Whether others may read or write a file, or a group write it. */
    public static boolean isOpen(Path file) throws IOException {
        Set<PosixFilePermission> open = EnumSet.copyOf(FOR_OTHERS);
        open.retainAll(Files.getPosixFilePermissions(file));
        return !open.isEmpty();
    }
}
