package io.longshore.agent.linux.path;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Directories of the host that a client names: whoever may ask for a bind mount may ask for any. */
public final class HostDirectory {
    private HostDirectory() {}

    /** Makes it with all above it that is missing, root's and with mode 0755; {@code Internal} in Docker's words. */
    public static void make(Path directory) {
        Path parent = directory.getParent();
        try {
            if (parent == null || Files.exists(directory)) {
                return;
            }
            if (!Files.exists(parent)) {
                make(parent);
            }
            Files.createDirectory(directory);
            // Not by the umask: processes of any user may be meant to come through.
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (FileAlreadyExistsException e) {
            // Somebody else has just made it.
        } catch (FileSystemException e) {
            String why = e.getReason() == null ? "cannot be made" : e.getReason();
            throw new Failure.Internal(
                    "error while creating mount source path '" + directory + "': mkdir " + e.getFile() + ": " + why, e);
        } catch (IOException e) {
            throw new Failure.Internal(
                    "error while creating mount source path '" + directory + "': " + e.getMessage(), e);
        }
    }
}
