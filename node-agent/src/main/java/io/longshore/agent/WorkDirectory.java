package io.longshore.agent;

import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** The agent's work directory, for one agent at a time. */
final class WorkDirectory implements AutoCloseable {
    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path path;
    private final FileChannel lock;

    private WorkDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** Makes it if it is missing and takes its lock; {@link StartFailure} when another agent has it. */
    static WorkDirectory open(Path path) {
        try {
            Files.createDirectories(path, PRIVATE);
            Files.createDirectories(path.resolve("state"), PRIVATE);
            FileChannel channel = FileChannel.open(
                    path.resolve("state/agent.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!taken(channel)) {
                channel.close();
                throw new StartFailure("another agent uses the work directory " + path
                        + "; stop it first, or set agent.work-directory to another one");
            }
            return new WorkDirectory(path, channel);
        } catch (IOException e) {
            throw new StartFailure("cannot prepare the work directory " + path + " (agent.work-directory): " + e, e);
        }
    }

    private static boolean taken(FileChannel channel) throws IOException {
        try {
            // The channel keeps the lock, and close() gives it back.
            FileLock taken = channel.tryLock();
            return taken != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    Path path() {
        return path;
    }

    /** A fact of the agent's own. */
    Path state(String name) {
        return path.resolve("state").resolve(name);
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
