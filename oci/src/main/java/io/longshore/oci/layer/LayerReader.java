package io.longshore.oci.layer;

import io.longshore.contracts.error.Failure;
import io.longshore.oci.layer.LayerEntry.Metadata;
import io.longshore.oci.tar.TarHeader;
import io.longshore.oci.tar.TarLimits;
import io.longshore.oci.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads an uncompressed layer as typed entries (OCI image spec, layer.md; whiteouts are AUFS's {@code .wh.} names). What no honest writer
 * makes is {@link Failure.Invalid} naming the entry. Not thread-safe.
 */
public final class LayerReader {
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final String AUFS_METADATA = ".wh..wh.";
    private static final int MAX_TARGET = 4095;

    private final TarReader tar;

    /** Reads from {@code in}, which the caller closes. */
    public LayerReader(InputStream in, TarLimits limits) {
        tar = new TarReader(in, limits);
    }

    /** The next entry, or null after the last, when all of the stream has been read. */
    public @Nullable LayerEntry next() throws IOException {
        while (true) {
            TarHeader header = tar.next();
            if (header == null) {
                tar.drain();
                return null;
            }
            LayerEntry entry = entry(header);
            if (entry != null) {
                return entry;
            }
        }
    }

    /** The bytes of the {@link LayerEntry.RegularFile} that {@link #next()} gave last. */
    public InputStream content() {
        return tar.content();
    }

    /** The typed entry; null for what AUFS left in layers for itself. */
    private static @Nullable LayerEntry entry(TarHeader header) {
        EntryPath path = EntryPath.parse(header.name());
        for (String ancestor : path.parent().components()) {
            if (ancestor.startsWith(AUFS_METADATA)) {
                return null;
            }
            if (ancestor.startsWith(WHITEOUT)) {
                throw invalid(header, "\"" + ancestor + "\" marks a whiteout, so nothing can be in it");
            }
        }
        if (path.name().startsWith(WHITEOUT)) {
            return whiteout(header, path);
        }
        if (path.isRoot() && header.type() != TarHeader.Type.DIRECTORY) {
            throw invalid(header, "the root must be a directory");
        }
        Metadata metadata = metadata(header);
        return switch (header.type()) {
            case FILE -> new LayerEntry.RegularFile(path, metadata, header.size());
            case DIRECTORY -> new LayerEntry.Directory(path, metadata);
            case SYMLINK -> new LayerEntry.Symlink(path, metadata, target(header));
            case HARD_LINK -> hardLink(header, path);
            case CHARACTER_DEVICE, BLOCK_DEVICE -> device(header, path, metadata);
            case FIFO -> new LayerEntry.Fifo(path, metadata);
        };
    }

    private static @Nullable LayerEntry whiteout(TarHeader header, EntryPath path) {
        if (path.name().equals(OPAQUE)) {
            return new LayerEntry.Opaque(path.parent());
        }
        if (path.name().startsWith(AUFS_METADATA)) {
            return null;
        }
        String hidden = path.name().substring(WHITEOUT.length());
        if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
            throw invalid(header, "a whiteout must name what it hides");
        }
        return new LayerEntry.Whiteout(path.parent().child(hidden));
    }

    private static LayerEntry hardLink(TarHeader header, EntryPath path) {
        EntryPath target;
        try {
            target = EntryPath.parse(header.linkName());
        } catch (Failure.Invalid e) {
            throw new Failure.Invalid(
                    "invalid layer: entry \"" + header.name() + "\": hard link to \"" + header.linkName()
                            + "\" leads outside",
                    e);
        }
        if (target.isRoot() || target.name().startsWith(WHITEOUT)) {
            throw invalid(header, "hard link to \"" + header.linkName() + "\", which cannot be linked");
        }
        return new LayerEntry.HardLink(path, target);
    }

    private static String target(TarHeader header) {
        String target = header.linkName();
        if (target.isEmpty() || target.indexOf('\0') >= 0 || target.length() > MAX_TARGET) {
            throw invalid(header, "a symbolic link needs a target of 1 to " + MAX_TARGET + " bytes");
        }
        return target;
    }

    /**
     * Device nodes come in directories made for them (/dev, a chroot's dev, udev's devices); elsewhere one is a trap for whoever reads the
     * layer. Character device 0/0 is overlay's own whiteout and must not come in by this door.
     */
    private static LayerEntry device(TarHeader header, EntryPath path, Metadata metadata) {
        List<String> above = path.parent().components();
        boolean expected = above.contains("dev") || above.contains("devices");
        if (!expected || (header.major() == 0 && header.minor() == 0)) {
            throw invalid(
                    header,
                    "device node " + header.major() + ":" + header.minor()
                            + " is not allowed here: device nodes belong in a directory named dev, and none is 0:0");
        }
        boolean block = header.type() == TarHeader.Type.BLOCK_DEVICE;
        return new LayerEntry.Device(path, metadata, block, header.major(), header.minor());
    }

    private static Metadata metadata(TarHeader header) {
        Map<String, byte[]> kept = new HashMap<>();
        header.extendedAttributes().forEach((name, value) -> {
            if (name.startsWith("trusted.")) {
                throw invalid(
                        header, "extended attribute \"" + name + "\" is not allowed: trusted.* belongs to the host");
            }
            // Labels of the host that made the layer (security.selinux, security.ima) mean nothing here, as for Docker
            // without SELinux.
            boolean wanted = name.startsWith("user.")
                    || name.equals("security.capability")
                    || name.startsWith("system.posix_acl_");
            if (wanted) {
                kept.put(name, value);
            }
        });
        return new Metadata(header.mode(), header.uid(), header.gid(), header.modified(), Map.copyOf(kept));
    }

    private static Failure.Invalid invalid(TarHeader header, String what) {
        return new Failure.Invalid("invalid layer: entry \"" + header.name() + "\": " + what);
    }
}
