package io.longshore.platform.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Directories for root alone: of keys, and of what images and containers have, since below them modes are those that containers want, and a
 * program with the setuid bit in a layer is not for users of the node (CVE-2021-41091). Of these one may pass through the work directory,
 * PostgreSQL's.
 */
public final class PrivateDirectory {
    private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rwx------");

    private PrivateDirectory() {}

    /** Makes one, if it is missing; one that is there and open to others is closed. */
    public static Path make(Path directory) throws IOException {
        Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(MODE));
        Files.setPosixFilePermissions(directory, MODE);
        return directory;
    }
}
