package io.longshore.oci.layer;

import java.time.Instant;
import java.util.Map;

/** One change that a layer makes to the file system under it (OCI image spec, layer.md). */
public sealed interface LayerEntry {
    /** Where. */
    EntryPath path();

    /** Something that exists after the layer is applied, with its metadata. */
    sealed interface Node extends LayerEntry {
        /** Owner, mode, time, attributes. */
        Metadata metadata();
    }

    /** A regular file; its bytes are {@link LayerReader#content()}. */
    record RegularFile(EntryPath path, Metadata metadata, long size) implements Node {}

    /** A directory; merges with one that is there. */
    record Directory(EntryPath path, Metadata metadata) implements Node {}

    /** A symbolic link. The target is data: it is written, never followed. */
    record Symlink(EntryPath path, Metadata metadata, String target) implements Node {}

    /** A second name for a file of the same layer. */
    record HardLink(EntryPath path, EntryPath target) implements LayerEntry {}

    /** A device node. */
    record Device(EntryPath path, Metadata metadata, boolean block, int major, int minor) implements Node {}

    /** A named pipe. */
    record Fifo(EntryPath path, Metadata metadata) implements Node {}

    /** Hides what the layers below have at the path. */
    record Whiteout(EntryPath path) implements LayerEntry {}

    /** Hides all that the layers below have in the directory. */
    record Opaque(EntryPath path) implements LayerEntry {}

    /**
     * What a node has beside its content.
     *
     * @param mode permission bits with setuid, setgid and sticky (07777)
     * @param uid 0 to 4294967294
     * @param gid 0 to 4294967294
     * @param extendedAttributes those that a layer may set, by name
     */
    record Metadata(int mode, long uid, long gid, Instant modified, Map<String, byte[]> extendedAttributes) {}
}
