package io.longshore.platform.run;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a part listens.
 *
 * @param socket path of the unix socket
 * @param permissions of the socket, such as {@code rw-rw----}
 * @param directoryPermissions that the parent directory may have at most, and gets when it is made
 * @param group that owns socket and directory, null to leave them as they are made
 */
public record Listener(
        Path socket,
        String permissions,
        String directoryPermissions,
        @Nullable String group) {
    /** A socket for other parts only: 0600 in a directory 0700. */
    public static Listener internal(Path socket) {
        return new Listener(socket, "rw-------", "rwx------", null);
    }

    /** A socket for members of a group: 0660 in a directory 0750. */
    public static Listener forGroup(Path socket, @Nullable String group) {
        return new Listener(socket, "rw-rw----", "rwxr-x---", group);
    }
}
