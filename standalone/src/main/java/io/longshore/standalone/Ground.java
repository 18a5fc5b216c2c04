package io.longshore.standalone;

import io.longshore.platform.run.RunProperties;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every form stands on: the work directory, the log in it, and the directory for sockets.
 *
 * @param work held until it is closed
 * @param log the log's file
 */
record Ground(WorkDirectory work, Path log) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ground.class);

    /**
     * Makes what is missing; a {@link StartFailure} where it cannot be.
     *
     * @param passing the group that may pass through the work directory, null for none
     */
    static Ground open(Settings settings, @Nullable String passing, Progress progress) {
        WorkDirectory work =
                WorkDirectory.open(settings.section(StandaloneProperties.class).workDirectoryOrDefault(), passing);
        try {
            Path log = openLog(work);
            String warning = work.warning();
            if (warning != null) {
                progress.warning(warning);
                LOG.warn("{}", warning);
            }
            makeRunDirectory(settings.section(RunProperties.class).directoryOrDefault());
            return new Ground(work, log);
        } catch (StartFailure e) {
            try {
                work.close();
            } catch (IOException worse) {
                e.addSuppressed(worse);
            }
            throw e;
        }
    }

    private static Path openLog(WorkDirectory work) {
        Path directory = work.root().resolve("log");
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectory(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        } catch (IOException e) {
            throw new StartFailure("cannot make the log directory " + directory + ": " + e, e);
        }
        return LogFile.open(directory);
    }

    /** Before the parts make their sockets in it: as closed as the gateway wants it, which gives it to a group. */
    private static void makeRunDirectory(Path run) {
        try {
            if (!Files.isDirectory(run)) {
                Files.createDirectories(run);
                Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwxr-x---"));
            }
        } catch (IOException e) {
            throw new StartFailure("cannot make the directory " + run + " for sockets: " + e, e);
        }
    }

    @Override
    public void close() throws IOException {
        work.close();
    }
}
