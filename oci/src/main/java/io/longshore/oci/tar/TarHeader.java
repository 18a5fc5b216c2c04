package io.longshore.oci.tar;

import java.time.Instant;
import java.util.Map;

/**
 * One entry's header as read, extended headers applied; nothing in it is safe to use as a path.
 *
 * @param name as written, never empty, no NUL
 * @param type what it is
 * @param mode permission bits with setuid, setgid and sticky (07777)
 * @param size bytes of content; 0 for all but files
 * @param linkName target of a symbolic or hard link, else empty
 * @param extendedAttributes by name, values byte for byte
 */
public record TarHeader(
        String name,
        Type type,
        int mode,
        long uid,
        long gid,
        long size,
        Instant modified,
        String linkName,
        int major,
        int minor,
        Map<String, byte[]> extendedAttributes) {

    /** Kinds of entries. */
    public enum Type {
        FILE,
        HARD_LINK,
        SYMLINK,
        CHARACTER_DEVICE,
        BLOCK_DEVICE,
        DIRECTORY,
        FIFO
    }
}
