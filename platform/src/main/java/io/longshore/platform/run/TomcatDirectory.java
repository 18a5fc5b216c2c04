package io.longshore.platform.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * The directories that Tomcat wants and nothing is ever in, beside the part's socket. Each start makes them anew, so that those of a
 * process that was killed do not pile up, as they would in the machine's directory for temporary files.
 */
final class TomcatDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TomcatDirectory.class);
    private static final FileAttribute<Set<PosixFilePermission>> OWN =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path base;

    /** Makes them; a {@link StartFailure} when that cannot be done. */
    TomcatDirectory(Part part, Listener listener) {
        base = listener.socket().toAbsolutePath().resolveSibling("tomcat-" + part.id());
        try {
            FileSystemUtils.deleteRecursively(base);
            Files.createDirectory(base, OWN);
            Files.createDirectory(documentRoot(), OWN);
        } catch (IOException e) {
            throw new StartFailure("cannot make the directory " + base + ": " + e, e);
        }
    }

    /** For its work directory. */
    Path base() {
        return base;
    }

    /** Where it looks for files to serve. */
    Path documentRoot() {
        return base.resolve("root");
    }

    @Override
    public void close() {
        try {
            FileSystemUtils.deleteRecursively(base);
        } catch (IOException e) {
            LOG.warn("cannot remove the directory {}, the next start does", base, e);
        }
    }
}
