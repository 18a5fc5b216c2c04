package io.longshore.agent.graphdriver.overlay2;

import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_PATH;

import io.longshore.agent.graphdriver.ChangeListener;
import io.longshore.agent.graphdriver.ChangeListener.Kind;
import io.longshore.agent.graphdriver.TarEntries;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.Listing;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a container has written, its upper directory (Documentation/filesystems/overlayfs.rst), which it may be changing. Each
 * directory is opened from the one above it, following no link, in both trees at once: the layers below are only asked for the names that
 * the upper has, and listed only where an opaque directory hides them.
 */
final class UpperLayer {
    /** A directory that was moved, and a file whose content is below: our mounts make neither, but the upper alone would not tell. */
    private static final List<String> ELSEWHERE = List.of("trusted.overlay.redirect", "trusted.overlay.metacopy");

    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE_MARK = ".wh..wh..opq";
    /** As deep as a layer may be. */
    private static final int MAX_DEPTH = 1000;

    private final Syscalls syscalls;
    private final WalkMemory.Share memory;
    /** Where the walk is: one for all depths, since a thousand names within each other are long. */
    private final StringBuilder path = new StringBuilder();

    /** For one walk. */
    UpperLayer(Syscalls syscalls, WalkMemory.Share memory) {
        this.syscalls = syscalls;
        this.memory = memory;
    }

    /** What is done with a name in a directory, where {@link #path} is. */
    private interface Visit {
        void name(String name) throws IOException;
    }

    /** Tells the changes; see {@code GraphDriver.changes}. */
    void changes(ContainerRoot upper, ContainerRoot lower, ChangeListener listener) throws IOException {
        changes(upper, lower, 0, listener);
    }

    private void changes(ContainerRoot upper, @Nullable ContainerRoot lower, int depth, ChangeListener listener)
            throws IOException {
        check(upper, depth);
        visit(upper, name -> {
            Optional<FileStatus> found = upper.status(name);
            if (found.isEmpty()) {
                return;
            }
            FileStatus status = found.get();
            if (OverlayMarks.isWhiteout(status)) {
                listener.changed(Kind.DELETED, path.toString());
                return;
            }
            Optional<FileStatus> before = lower == null ? Optional.empty() : lower.status(name);
            listener.changed(before.isPresent() ? Kind.MODIFIED : Kind.ADDED, path.toString());
            if (status.isDirectory()) {
                boolean merged = before.isPresent() && before.get().isDirectory();
                descend(upper, merged ? lower : null, name, depth, listener);
            }
        });
    }

    private void descend(
            ContainerRoot upper, @Nullable ContainerRoot lower, String name, int depth, ChangeListener listener)
            throws IOException {
        try (ContainerRoot inside = directory(upper, name);
                ContainerRoot below = lower == null ? null : directory(lower, name)) {
            if (below != null && isOpaque(inside)) {
                visit(below, hidden -> {
                    if (inside.status(hidden).isEmpty()) {
                        listener.changed(Kind.DELETED, path.toString());
                    }
                });
            }
            changes(inside, below, depth + 1, listener);
        } catch (ErrnoException e) {
            if (!TarEntries.gone(e)) {
                throw e;
            }
        }
    }

    /** Writes the layer; see {@code GraphDriver.writeLayer}. */
    void write(ContainerRoot upper, TarEntries tar) throws IOException {
        write(upper, 0, tar);
        tar.finish();
    }

    private void write(ContainerRoot upper, int depth, TarEntries tar) throws IOException {
        check(upper, depth);
        visit(upper, name -> {
            if (upper.status(name).filter(OverlayMarks::isWhiteout).isPresent()) {
                tar.mark(archived(path.length() - name.length()) + WHITEOUT + name);
                return;
            }
            if (name.startsWith(WHITEOUT)) {
                throw new Failure.Invalid("cannot make a layer: the name of " + path
                        + " begins as the marks of deleted files do in a layer");
            }
            if (tar.add(upper, name, archived(path.length()))
                    .filter(FileStatus::isDirectory)
                    .isPresent()) {
                try (ContainerRoot inside = directory(upper, name)) {
                    if (isOpaque(inside)) {
                        tar.mark(archived(path.length()) + "/" + OPAQUE_MARK);
                    }
                    write(inside, depth + 1, tar);
                } catch (ErrnoException e) {
                    if (!TarEntries.gone(e)) {
                        throw e;
                    }
                }
            }
        });
    }

    /** The path without the slash in front, up to a length. */
    private String archived(int end) {
        return path.substring(1, end);
    }

    /** Goes through the names in the directory that the path names. */
    private void visit(ContainerRoot directory, Visit visit) throws IOException {
        int length = path.length();
        try (Listing listing = directory.list(".", memory)) {
            for (List<String> run = listing.next(); !run.isEmpty(); run = listing.next()) {
                for (String name : run) {
                    path.append('/').append(name);
                    visit.name(name);
                    path.setLength(length);
                }
            }
        }
    }

    private void check(ContainerRoot directory, int depth) throws IOException {
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
    }

    private ContainerRoot directory(ContainerRoot at, String name) throws ErrnoException {
        return ContainerRoot.of(syscalls, at.open(name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0));
    }

    private static boolean isOpaque(ContainerRoot directory) throws ErrnoException {
        return directory
                .xattr(".", OverlayMarks.OPAQUE)
                .filter(value -> value.length == 1 && value[0] == 'y')
                .isPresent();
    }
}
