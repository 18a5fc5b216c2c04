package io.longshore.agent.files;

import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
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
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.error.Failure;
import io.longshore.oci.layer.Decompression;
import io.longshore.oci.tar.TarHeader;
import io.longshore.oci.tar.TarLimits;
import io.longshore.oci.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Extracts an archive from a client into a container, which may be running and may be hostile, as may be the archive. Names are relative to
 * the destination and cannot leave it; links of the container on the way to them are followed inside its root. What exists is replaced,
 * never written into, and what was made gets its owner and mode by its own descriptor, whatever has its name by then. Not thread-safe; on a
 * platform thread.
 */
final class Extraction {
    /** What a remembered directory takes beside its name. */
    private static final long REMEMBERED_OVERHEAD = 160;

    private final Syscalls syscalls;
    private final ContainerRoot root;
    private final FilePath destination;
    private final Options options;
    private final WalkMemory.Share memory;
    private final Map<String, Instant> directoryTimes = new LinkedHashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(128 << 10);
    private final byte[] chunk = new byte[128 << 10];
    private String madeParent = "";

    /**
     * How to extract.
     *
     * @param keepKinds whether a directory is not replaced by anything else, nor anything else by a directory
     * @param owner whose everything becomes; null leaves it as the archive has it
     */
    record Options(boolean keepKinds, @Nullable Owner owner) {}

    /** A user and a group by number. */
    record Owner(int uid, int gid) {}

    /**
     * For one archive.
     *
     * @param destination an existing directory
     * @param memory the caller's, for directories' times
     */
    Extraction(Syscalls syscalls, ContainerRoot root, FilePath destination, Options options, WalkMemory.Share memory) {
        this.memory = memory;
        this.syscalls = syscalls;
        this.root = root;
        this.destination = destination;
        this.options = options;
    }

    /** Extracts all of a stream, compressed or not. What was extracted when it fails stays, as with tar. */
    void extract(InputStream in, TarLimits limits) throws IOException {
        TarReader tar = new TarReader(Decompression.open(in), limits);
        for (TarHeader header = tar.next(); header != null; header = tar.next()) {
            List<String> names = names(header.name());
            if (names.isEmpty()) {
                continue; // The destination itself stays as it is.
            }
            try {
                add(header, names, tar.content());
            } catch (ErrnoException e) {
                throw failure(header, e);
            }
        }
        tar.drain();
        for (Map.Entry<String, Instant> directory : directoryTimes.entrySet()) {
            try {
                root.touch(directory.getKey(), directory.getValue());
            } catch (ErrnoException e) {
                if (!e.is(Errno.ENOENT)) {
                    throw e;
                }
            }
        }
    }

    private static Failure failure(TarHeader header, ErrnoException e) {
        String message = "cannot extract \"" + header.name() + "\": " + e.getMessage();
        return switch (e.errno()) {
            case ENOTDIR, EEXIST, EISDIR, ELOOP, EXDEV, ENAMETOOLONG, EINVAL, ERANGE, E2BIG, EMLINK, ENOENT ->
                new Failure.Invalid(message, e);
            case EROFS -> new Failure.Forbidden(message, e);
            case EPERM, EACCES -> new Failure.Forbidden(message, e);
            case EBUSY -> new Failure.Conflict(message, e);
            default -> new Failure.Internal(message, e);
        };
    }

    /** A name's components; one that leads upwards is refused. */
    private static List<String> names(String name) {
        List<String> names = new ArrayList<>();
        for (String component : name.split("/")) {
            if (component.equals("..")) {
                throw new Failure.Invalid("invalid archive: \"" + name + "\" is outside of the destination");
            }
            if (!component.isEmpty() && !component.equals(".")) {
                names.add(component);
            }
        }
        return names;
    }

    private void add(TarHeader header, List<String> names, InputStream content) throws IOException {
        String above = destination.child(String.join("/", names.subList(0, names.size() - 1)));
        if (!above.equals(madeParent)) {
            root.directories(above);
            madeParent = above;
        }
        String name = names.getLast();
        try (ContainerRoot at = ContainerRoot.of(syscalls, root.open(above, O_PATH | O_DIRECTORY, 0))) {
            boolean directory = header.type() == TarHeader.Type.DIRECTORY;
            Optional<FileStatus> there = at.status(name);
            boolean merges = directory && there.isPresent() && there.get().isDirectory();
            if (there.isPresent() && !merges) {
                replace(at, name, header, there.get());
            }
            Attributes attributes = attributes(header);
            switch (header.type()) {
                case DIRECTORY -> {
                    if (!merges) {
                        at.directory(name, Attributes.ofMode(0700));
                    }
                    directory(at, name, attributes, destination.child(String.join("/", names)));
                }
                case FILE -> file(at, name, attributes, content);
                case SYMLINK -> symlink(at, name, attributes, header);
                case HARD_LINK -> hardLink(at, name, header);
                case FIFO -> at.node(name, S_IFIFO, 0, attributes);
                case CHARACTER_DEVICE -> device(at, name, S_IFCHR, attributes, header);
                case BLOCK_DEVICE -> device(at, name, S_IFBLK, attributes, header);
            }
        }
    }

    private void replace(ContainerRoot at, String name, TarHeader header, FileStatus there) throws IOException {
        boolean directory = header.type() == TarHeader.Type.DIRECTORY;
        if (options.keepKinds() && there.isDirectory()) {
            throw new Failure.Invalid("cannot overwrite directory \"" + destination.child(header.name())
                    + "\" with non-directory \"" + header.name() + "\"");
        }
        if (options.keepKinds() && directory) {
            throw new Failure.Invalid("cannot overwrite non-directory \"" + destination.child(header.name())
                    + "\" with directory \"" + header.name() + "\"");
        }
        madeParent = "";
        at.remove(name);
    }

    private void directory(ContainerRoot at, String name, Attributes attributes, String path) throws IOException {
        try (Fd made = at.open(name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0)) {
            apply(
                    at,
                    made,
                    new Attributes(attributes.uid(), attributes.gid(), attributes.mode(), null, attributes.xattrs()));
        }
        Instant modified = attributes.modified();
        if (modified != null && directoryTimes.put(path, modified) == null) {
            memory.take(REMEMBERED_OVERHEAD + 2L * path.length(), "the directories of the archive");
        }
    }

    private void file(ContainerRoot at, String name, Attributes attributes, InputStream content) throws IOException {
        try (Fd made = at.createFile(name)) {
            for (int n = content.read(chunk); n >= 0; n = content.read(chunk)) {
                buffer.clear().put(chunk, 0, n).flip();
                while (buffer.hasRemaining()) {
                    syscalls.write(made, buffer);
                }
            }
            apply(at, made, attributes);
        }
    }

    /** A file system without attributes, as a tmpfs, goes without them, as for tar. */
    private static void apply(ContainerRoot at, Fd made, Attributes attributes) throws ErrnoException {
        try {
            at.apply(made, attributes);
        } catch (ErrnoException e) {
            if (!e.is(Errno.EOPNOTSUPP) || attributes.xattrs().isEmpty()) {
                throw e;
            }
            at.apply(made, without(attributes));
        }
    }

    private static Attributes without(Attributes attributes) {
        return new Attributes(attributes.uid(), attributes.gid(), attributes.mode(), attributes.modified(), Map.of());
    }

    private static void symlink(ContainerRoot at, String name, Attributes attributes, TarHeader header)
            throws IOException {
        if (header.linkName().isEmpty()) {
            throw new Failure.Invalid("invalid archive: \"" + header.name() + "\" is a link to nothing");
        }
        at.symlink(name, header.linkName(), without(attributes));
    }

    private void hardLink(ContainerRoot at, String name, TarHeader header) throws IOException {
        List<String> target = names(header.linkName());
        if (target.isEmpty()) {
            throw new Failure.Invalid("invalid archive: \"" + header.name() + "\" is a hard link to a directory");
        }
        String above = destination.child(String.join("/", target.subList(0, target.size() - 1)));
        try (Fd from = root.open(above, O_PATH | O_DIRECTORY, 0)) {
            at.link(from, target.getLast(), name);
        }
    }

    private static void device(ContainerRoot at, String name, int type, Attributes attributes, TarHeader header)
            throws IOException {
        if (header.major() == 0 && header.minor() == 0) {
            throw new Failure.Invalid("invalid archive: \"" + header.name() + "\" is device 0:0, which is none");
        }
        at.node(name, type, FileStatus.device(header.major(), header.minor()), without(attributes));
    }

    private Attributes attributes(TarHeader header) {
        Owner owner = options.owner();
        Map<String, byte[]> kept = new HashMap<>();
        header.extendedAttributes().forEach((name, value) -> {
            if (name.startsWith("user.")
                    || name.equals("security.capability")
                    || name.startsWith("system.posix_acl_")) {
                kept.put(name, value);
            }
        });
        return new Attributes(
                owner == null ? (int) header.uid() : owner.uid(),
                owner == null ? (int) header.gid() : owner.gid(),
                header.mode(),
                header.modified(),
                kept);
    }
}
