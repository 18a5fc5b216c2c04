package io.longshore.standalone;

import io.longshore.platform.run.StartFailure;
import io.longshore.standalone.migrate.ExternalDatabase;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The work directory, held by this process alone while it is open. It is 0710 with the group of PostgreSQL's user, who must pass
 * through to its data and can list nothing.
 */
final class WorkDirectory implements AutoCloseable {
    /** For layers, logs and the database to start with; a container that fills the disk has its own message. */
    private static final long NEW_BYTES = 512L << 20;
    /** A database that is there needs a segment of its write-ahead log (16 MB) or two; with them there is somebody to remove containers. */
    private static final long LEAST_BYTES = 48L << 20;

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");

    private final Path root;
    private final FileChannel lock;
    private final @Nullable String warning;

    private WorkDirectory(Path root, FileChannel lock, @Nullable String warning) {
        this.root = root;
        this.lock = lock;
        this.warning = warning;
    }

    /**
     * Makes the directory if it is missing and takes hold of it.
     *
     * @param passing the group that may pass through, null for none
     * @throws StartFailure when another Longshore holds it, or its disk has no room for a new one, or not even for the one that is there
     */
    static WorkDirectory open(Path root, @Nullable String passing) {
        try {
            Files.createDirectories(root);
            if (passing != null) {
                Groups.give(root, passing);
            }
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x---"));
            FileChannel channel = hold(root);
            try {
                String warning = checkRoom(root);
                Path pid = Files.writeString(
                        root.resolve("longshore.pid"), ProcessHandle.current().pid() + "\n");
                Files.setPosixFilePermissions(pid, PRIVATE);
                return new WorkDirectory(root, channel, warning);
            } catch (IOException | StartFailure e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new StartFailure("cannot use the work directory " + root + ": " + e, e);
        }
    }

    private static FileChannel hold(Path root) throws IOException {
        FileChannel channel =
                FileChannel.open(root.resolve("longshore.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        // Who may pass through could hold it else, and keep Longshore from starting.
        Files.setPosixFilePermissions(root.resolve("longshore.lock"), PRIVATE);
        if (!locked(channel)) {
            channel.close();
            throw new StartFailure("Longshore runs already on " + root + " (process " + pid(root)
                    + "): stop it with ./longshore down");
        }
        return channel;
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static String pid(Path root) {
        try {
            return Files.readString(root.resolve("longshore.pid")).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** What there is to warn of, or null. */
    private static @Nullable String checkRoom(Path root) throws IOException {
        long free = Files.getFileStore(root).getUsableSpace();
        boolean inUse = Files.exists(root.resolve("postgres")) || ExternalDatabase.chosen(root);
        long needed = inUse ? LEAST_BYTES : NEW_BYTES;
        if (free < needed) {
            throw new StartFailure("the disk of " + root + " is full: " + (free >> 20) + " MB are free, "
                    + (needed >> 20) + " MB are needed; make room"
                    + (inUse ? "" : " or set standalone.work-directory"));
        }
        return free < NEW_BYTES
                ? "the disk of " + root + " is nearly full: " + (free >> 20)
                        + " MB are free; remove images or containers"
                : null;
    }

    /** What whoever started Longshore should know of the disk; null for nothing. */
    @Nullable
    String warning() {
        return warning;
    }

    Path root() {
        return root;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(root.resolve("longshore.pid"));
        lock.close();
    }
}
