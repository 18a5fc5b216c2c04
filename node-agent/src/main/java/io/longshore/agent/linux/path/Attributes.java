package io.longshore.agent.linux.path;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a file gets beside its content.
 *
 * @param mode permission bits, setuid, setgid and sticky included; not used for a symlink, which has none
 * @param modified becomes the access time too; null leaves both as they come
 * @param xattrs extended attributes by full name, as {@code security.capability}
 */
public record Attributes(
        int uid, int gid, int mode, @Nullable Instant modified, Map<String, byte[]> xattrs) {
    public Attributes {
        mode &= 07777;
        xattrs = Map.copyOf(xattrs);
    }

    /** Root's, with these permissions. */
    public static Attributes ofMode(int mode) {
        return new Attributes(0, 0, mode, null, Map.of());
    }
}
