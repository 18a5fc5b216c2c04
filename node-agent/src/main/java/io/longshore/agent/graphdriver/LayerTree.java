package io.longshore.agent.graphdriver;

import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.RESOLVE_BENEATH;
import static io.longshore.agent.linux.OpenFlags.RESOLVE_NO_MAGICLINKS;
import static io.longshore.agent.linux.OpenFlags.RESOLVE_NO_SYMLINKS;
import static io.longshore.agent.linux.OpenFlags.S_IFBLK;
import static io.longshore.agent.linux.OpenFlags.S_IFCHR;
import static io.longshore.agent.linux.OpenFlags.S_IFIFO;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.Attributes;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.layer.EntryPath;
import io.longshore.oci.layer.LayerEntry;
import io.longshore.oci.layer.LayerReader;
import io.longshore.oci.tar.TarLimits;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A layer's directory while entries are written into it. The directory starts out empty and private, and no path in it is ever followed
 * through a symbolic link, so that no entry can reach beyond it; a link on the way to an entry is refused. An entry that comes again
 * replaces the earlier one, as for tar; only directories merge. Not thread-safe; on a platform thread.
 */
public final class LayerTree implements AutoCloseable {
    private static final int RESOLVE = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    /** Memory for directories' times: some 300,000 directories with names of a common length, which bounds what a layer can make us hold. */
    private static final long MAX_REMEMBERED = 64L << 20;
    /** What a remembered directory takes beside its name: an entry of the map, a string, an array, an instant. */
    private static final long REMEMBERED_OVERHEAD = 160;

    private final Syscalls syscalls;
    private final ContainerRoot above;
    private final String name;
    private final ContainerRoot root;
    private final List<String> lowers;
    private final Marks marks;
    private final Map<String, Instant> directoryTimes = new LinkedHashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(128 << 10);
    private final byte[] chunk = new byte[128 << 10];
    private long remembered;
    private long size;
    private EntryPath parentPath = EntryPath.parse(".");
    private @Nullable ContainerRoot parent;

    /** How a driver keeps what a layer hides of the layers under it. */
    public interface Marks {
        /** Nothing of what the layers below have at this path is to be seen; this layer has nothing there. {@code at} is the directory it is in. */
        void hide(ContainerRoot at, EntryPath path) throws IOException;

        /** Nothing of what the layers below have in this directory, which this layer has, is to be seen. */
        void hideContent(ContainerRoot at, EntryPath directory) throws IOException;

        /** Whether something in the layer's directory is a mark of {@link #hide} and nothing else. */
        boolean isMark(FileStatus status);
    }

    /**
     * @param directory host path above the layer's own directory
     * @param name of the layer's own directory, which exists and is empty
     * @param lowers host paths of the directories of the layers under it, topmost first
     */
    public LayerTree(Syscalls syscalls, String directory, String name, List<String> lowers, Marks marks)
            throws ErrnoException {
        this.syscalls = syscalls;
        this.name = name;
        this.lowers = lowers;
        this.marks = marks;
        this.above = ContainerRoot.open(syscalls, directory);
        this.root = ContainerRoot.of(syscalls, above.open(name, O_PATH | O_DIRECTORY, 0));
        above.apply(name, inherited(EntryPath.parse(".")));
    }

    /**
     * Writes a whole layer; {@link Failure.Invalid} names the entry that is wrong or does not fit what is there.
     *
     * @param tar the layer, not compressed; read to its end
     * @param diffId what its digest must be
     * @return bytes of file content and of symbolic links' targets, as Docker counts a layer
     */
    public long unpack(InputStream tar, Digest diffId, TarLimits limits) throws IOException {
        MessageDigest digest = Digest.sha256();
        LayerReader reader =
                new LayerReader(new BufferedInputStream(new DigestInputStream(tar, digest), 64 << 10), limits);
        for (LayerEntry entry = reader.next(); entry != null; entry = reader.next()) {
            add(entry, reader.content());
        }
        Digest found = Digest.ofHash(digest.digest());
        if (!found.equals(diffId)) {
            throw new Failure.Invalid("invalid layer: its content has digest " + found + ", its diff id is " + diffId);
        }
        finish();
        return size;
    }

    private void add(LayerEntry entry, InputStream content) throws IOException {
        try {
            write(entry, content);
        } catch (ErrnoException e) {
            boolean entrysFault = switch (e.errno()) {
                case ELOOP, ENOTDIR, EEXIST, EISDIR, ENOTEMPTY, EXDEV, ENAMETOOLONG, EINVAL, ERANGE, E2BIG, EMLINK ->
                    true;
                default -> false;
            };
            if (entrysFault) {
                throw new Failure.Invalid(
                        "invalid layer: entry \"" + entry.path() + "\" cannot be made: " + e.getMessage(), e);
            }
            throw e;
        }
    }

    private void write(LayerEntry entry, InputStream content) throws IOException {
        if (entry.path().isRoot()) {
            writeRoot(entry);
            return;
        }
        EntryPath path = entry.path();
        ContainerRoot at = parent(path);
        switch (entry) {
            case LayerEntry.Directory directory -> writeDirectory(at, path, attributes(directory.metadata()));
            case LayerEntry.RegularFile file -> {
                makeRoom(at, path);
                writeContent(at, path.name(), content);
                at.apply(path.name(), attributes(file.metadata()));
            }
            case LayerEntry.Symlink link -> {
                makeRoom(at, path);
                at.symlink(path.name(), link.target(), attributes(link.metadata()));
                size += lengthOf(link);
            }
            case LayerEntry.Device device -> {
                makeRoom(at, path);
                long number = FileStatus.device(device.major(), device.minor());
                at.node(path.name(), device.block() ? S_IFBLK : S_IFCHR, number, attributes(device.metadata()));
            }
            case LayerEntry.Fifo fifo -> {
                makeRoom(at, path);
                at.node(path.name(), S_IFIFO, 0, attributes(fifo.metadata()));
            }
            case LayerEntry.HardLink link -> writeHardLink(at, link);
            case LayerEntry.Whiteout whiteout -> writeWhiteout(at, whiteout.path());
            case LayerEntry.Opaque opaque -> {
                Optional<FileStatus> there = at.status(path.name());
                if (there.isEmpty()) {
                    writeDirectory(at, path, inherited(path));
                } else if (!there.get().isDirectory()) {
                    throw new Failure.Invalid(
                            "invalid layer: entry \"" + path + "\" is marked opaque and is no directory");
                }
                marks.hideContent(at, opaque.path());
            }
        }
    }

    private static int lengthOf(LayerEntry.Symlink link) {
        return link.target().getBytes(StandardCharsets.UTF_8).length;
    }

    private void writeRoot(LayerEntry entry) throws IOException {
        if (entry instanceof LayerEntry.Directory directory) {
            above.apply(name, attributes(directory.metadata()));
            remember("", directory.metadata().modified());
        } else {
            // The kernel does not look for the mark on a layer's root, so it cannot be kept as asked.
            throw new Failure.Invalid("invalid layer: the root itself is marked opaque, which is not supported");
        }
    }

    private void writeDirectory(ContainerRoot at, EntryPath path, Attributes attributes) throws IOException {
        Optional<FileStatus> there = at.status(path.name());
        boolean hides = there.isPresent() && marks.isMark(there.get());
        if (there.isPresent() && !there.get().isDirectory()) {
            at.remove(path.name());
        }
        Instant modified = attributes.modified();
        at.directory(
                path.name(),
                new Attributes(attributes.uid(), attributes.gid(), attributes.mode(), null, attributes.xattrs()));
        if (hides) {
            marks.hideContent(at, path);
        }
        if (modified != null) {
            remember(path.toString(), modified);
        }
    }

    private void writeContent(ContainerRoot at, String file, InputStream content) throws IOException {
        try (Fd fd = at.createFile(file)) {
            for (int n = content.read(chunk); n >= 0; n = content.read(chunk)) {
                size += n;
                buffer.clear().put(chunk, 0, n).flip();
                while (buffer.hasRemaining()) {
                    syscalls.write(fd, buffer);
                }
            }
        }
    }

    private void writeHardLink(ContainerRoot at, LayerEntry.HardLink link) throws IOException {
        EntryPath target = link.target();
        boolean same = target.parent().equals(link.path().parent());
        try (ContainerRoot opened = same ? null : open(target.parent())) {
            ContainerRoot from = opened == null ? at : opened;
            Optional<FileStatus> status = from.status(target.name());
            boolean linkable = status.isPresent()
                    && (status.get().isRegular() || status.get().isSymlink());
            if (!linkable) {
                throw new Failure.Invalid("invalid layer: entry \"" + link.path() + "\": hard link to \"" + target
                        + "\", which is no file of this layer");
            }
            if (target.equals(link.path())) {
                return;
            }
            makeRoom(at, link.path());
            syscalls.linkat(from.fd(), target.name(), at.fd(), link.path().name(), 0);
        } catch (ErrnoException e) {
            if (e.is(Errno.ENOENT)) {
                throw new Failure.Invalid(
                        "invalid layer: entry \"" + link.path() + "\": hard link to \"" + target
                                + "\", which is not in this layer",
                        e);
            }
            throw e;
        }
    }

    /** Hides what is below, never what this layer itself has there (OCI image spec, layer.md, Whiteouts). */
    private void writeWhiteout(ContainerRoot at, EntryPath hidden) throws IOException {
        Optional<FileStatus> there = at.status(hidden.name());
        if (there.isEmpty()) {
            marks.hide(at, hidden);
        } else if (there.get().isDirectory()) {
            marks.hideContent(at, hidden);
        }
    }

    /** Takes away what an earlier entry put there; a directory with something in it stays, and what was to replace it is refused. */
    private void makeRoom(ContainerRoot at, EntryPath path) throws IOException {
        Optional<FileStatus> there = at.status(path.name());
        if (there.isEmpty()) {
            return;
        }
        if (there.get().isDirectory() && !at.isEmpty(path.name())) {
            throw new Failure.Invalid(
                    "invalid layer: entry \"" + path + "\" would replace a directory that an earlier entry filled");
        }
        directoryTimes.remove(path.toString());
        at.remove(path.name());
    }

    /** The directory that a path is in, made if an archive leaves it out. */
    private ContainerRoot parent(EntryPath path) throws IOException {
        EntryPath wanted = path.parent();
        ContainerRoot cached = parent;
        if (cached != null && parentPath.equals(wanted)) {
            return cached;
        }
        ContainerRoot opened = openOrMake(path, wanted);
        if (parent != null) {
            parent.close();
        }
        parent = opened;
        parentPath = wanted;
        return opened;
    }

    /** Opens a directory, the missing ones on the way made from the top down. */
    private ContainerRoot openOrMake(EntryPath entry, EntryPath wanted) throws IOException {
        Deque<EntryPath> missing = new ArrayDeque<>();
        EntryPath at = wanted;
        ContainerRoot opened = find(entry, at);
        while (opened == null) {
            missing.push(at);
            at = at.parent();
            opened = find(entry, at);
        }
        for (EntryPath next : missing) {
            try (ContainerRoot above = opened) {
                writeDirectory(above, next, inherited(next));
                opened = open(next);
            }
        }
        return opened;
    }

    private @Nullable ContainerRoot find(EntryPath entry, EntryPath directory) throws IOException {
        try {
            return open(directory);
        } catch (ErrnoException e) {
            if (e.is(Errno.ENOENT)) {
                return null;
            }
            throw onTheWay(entry, e);
        }
    }

    private static IOException onTheWay(EntryPath path, ErrnoException e) {
        if (e.is(Errno.ELOOP) || e.is(Errno.ENOTDIR)) {
            throw new Failure.Invalid(
                    "invalid layer: entry \"" + path
                            + "\": a symbolic link or a file is on the way to it, where only directories may be",
                    e);
        }
        return e;
    }

    private ContainerRoot open(EntryPath directory) throws ErrnoException {
        String path = directory.isRoot() ? "." : directory.toString();
        return ContainerRoot.of(syscalls, syscalls.openat2(root.fd(), path, O_PATH | O_DIRECTORY, 0, RESOLVE));
    }

    /**
     * What a directory gets that the layer needs but does not describe: the attributes it has in the layers below, since the topmost
     * layer's are the ones that show.
     */
    private Attributes inherited(EntryPath path) throws ErrnoException {
        for (String lower : lowers) {
            try (Fd base = syscalls.open(lower, O_PATH | O_DIRECTORY, 0);
                    Fd fd = syscalls.openat2(
                            base, path.isRoot() ? "." : path.toString(), O_PATH | O_DIRECTORY, 0, RESOLVE);
                    ContainerRoot found = ContainerRoot.of(syscalls, fd)) {
                FileStatus status = found.status(".").orElseThrow();
                return new Attributes(status.uid(), status.gid(), status.permissions(), status.modified(), Map.of());
            } catch (ErrnoException e) {
                if (!e.is(Errno.ENOENT)) {
                    break;
                }
            }
        }
        return Attributes.ofMode(0755);
    }

    private static Attributes attributes(LayerEntry.Metadata metadata) {
        return new Attributes(
                (int) metadata.uid(),
                (int) metadata.gid(),
                metadata.mode(),
                metadata.modified(),
                metadata.extendedAttributes());
    }

    private void remember(String path, Instant modified) {
        if (directoryTimes.put(path, modified) == null) {
            remembered += path.getBytes(StandardCharsets.UTF_8).length + REMEMBERED_OVERHEAD;
        }
        if (remembered > MAX_REMEMBERED) {
            throw new Failure.Invalid("invalid layer: too many directories, after \"" + path + "\"");
        }
    }

    /** Sets the directories' times, which writing into them has changed. */
    private void finish() throws IOException {
        for (Map.Entry<String, Instant> directory : directoryTimes.entrySet()) {
            if (directory.getKey().isEmpty()) {
                above.touch(name, directory.getValue());
            } else {
                EntryPath path = EntryPath.parse(directory.getKey());
                try (ContainerRoot at = open(path.parent())) {
                    at.touch(path.name(), directory.getValue());
                }
            }
        }
    }

    @Override
    public void close() {
        if (parent != null) {
            parent.close();
        }
        root.close();
        above.close();
    }
}
