package io.longshore.agent.graphdriver.overlay2;

import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.S_IFCHR;

import io.longshore.agent.graphdriver.ChangeListener;
import io.longshore.agent.graphdriver.ChangeListener.Kind;
import io.longshore.agent.graphdriver.TarEntries;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a container has written, its upper directory (Documentation/filesystems/overlayfs.rst), which it may be changing. Each
 * directory is opened from the one above it, following no link, in both trees at once: the layers below are only asked for the names that
 * the upper has, and listed only where an opaque directory hides them.
 */
final class UpperLayer {
    private static final String OPAQUE = "trusted.overlay.opaque";
    /** A directory that was moved, and a file whose content is below: our mounts make neither, but the upper alone would not tell. */
    private static final List<String> ELSEWHERE = List.of("trusted.overlay.redirect", "trusted.overlay.metacopy");

    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE_MARK = ".wh..wh..opq";
    /** As deep as a layer may be. */
    private static final int MAX_DEPTH = 1000;

    private final Syscalls syscalls;

    UpperLayer(Syscalls syscalls) {
        this.syscalls = syscalls;
    }

    /** Tells the changes; see {@code GraphDriver.changes}. */
    void changes(ContainerRoot upper, ContainerRoot lower, ChangeListener listener) throws IOException {
        changes(upper, lower, "", 0, listener);
    }

    private void changes(
            ContainerRoot upper, @Nullable ContainerRoot lower, String path, int depth, ChangeListener listener)
            throws IOException {
        for (String name : names(upper, path, depth)) {
            Optional<FileStatus> found = upper.status(name);
            if (found.isEmpty()) {
                continue;
            }
            FileStatus status = found.get();
            Optional<FileStatus> before = lower == null ? Optional.empty() : lower.status(name);
            String at = path + "/" + name;
            if (isWhiteout(status)) {
                listener.changed(Kind.DELETED, at);
                continue;
            }
            listener.changed(before.isPresent() ? Kind.MODIFIED : Kind.ADDED, at);
            if (status.isDirectory()) {
                boolean merged = before.isPresent() && before.get().isDirectory();
                descend(upper, merged ? lower : null, name, at, depth, listener);
            }
        }
    }

    private void descend(
            ContainerRoot upper,
            @Nullable ContainerRoot lower,
            String name,
            String at,
            int depth,
            ChangeListener listener)
            throws IOException {
        try (ContainerRoot inside = directory(upper, name);
                ContainerRoot below = lower == null ? null : directory(lower, name)) {
            boolean opaque = isOpaque(inside);
            if (opaque && below != null) {
                Set<String> kept = Set.copyOf(inside.list("."));
                for (String hidden : below.list(".").stream().sorted().toList()) {
                    if (!kept.contains(hidden)) {
                        listener.changed(Kind.DELETED, at + "/" + hidden);
                    }
                }
            }
            changes(inside, below, at, depth + 1, listener);
        } catch (ErrnoException e) {
            if (!TarEntries.gone(e)) {
                throw e;
            }
        }
    }

    /** Writes the layer; see {@code GraphDriver.writeLayer}. */
    void write(ContainerRoot upper, TarEntries tar) throws IOException {
        write(upper, "", 0, tar);
        tar.finish();
    }

    private void write(ContainerRoot upper, String prefix, int depth, TarEntries tar) throws IOException {
        for (String name : names(upper, prefix, depth)) {
            String archived = prefix + name;
            if (upper.status(name).filter(UpperLayer::isWhiteout).isPresent()) {
                tar.mark(prefix + WHITEOUT + name);
                continue;
            }
            if (name.startsWith(WHITEOUT)) {
                throw new Failure.Invalid("cannot make a layer: the name of /" + archived
                        + " begins as the marks of deleted files do in a layer");
            }
            if (tar.add(upper, name, archived).filter(FileStatus::isDirectory).isPresent()) {
                try (ContainerRoot inside = directory(upper, name)) {
                    if (isOpaque(inside)) {
                        tar.mark(archived + "/" + OPAQUE_MARK);
                    }
                    write(inside, archived + "/", depth + 1, tar);
                } catch (ErrnoException e) {
                    if (!TarEntries.gone(e)) {
                        throw e;
                    }
                }
            }
        }
    }

    private static List<String> names(ContainerRoot directory, String path, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new Failure.Invalid("cannot read the container's layer: more than " + MAX_DEPTH
                    + " directories within each other at " + path.substring(0, Math.min(path.length(), 100)) + "...");
        }
        for (String name : ELSEWHERE) {
            if (directory.xattr(".", name).isPresent()) {
                throw new Failure.NotImplemented("the container's layer has an overlay redirect at \"" + path
                        + "\", which Longshore does not make: is redirect_dir or metacopy of the kernel's overlay on?");
            }
        }
        return directory.list(".").stream().sorted().toList();
    }

    private ContainerRoot directory(ContainerRoot at, String name) throws ErrnoException {
        return ContainerRoot.of(syscalls, at.open(name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0));
    }

    private static boolean isOpaque(ContainerRoot directory) throws ErrnoException {
        return directory
                .xattr(".", OPAQUE)
                .filter(value -> value.length == 1 && value[0] == 'y')
                .isPresent();
    }

    private static boolean isWhiteout(FileStatus status) {
        return status.type() == S_IFCHR && status.rdev() == 0;
    }
}
