package io.longshore.platform.run;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Makes the place where a unix socket is to be bound. */
public final class Sockets {
    /** sun_path has 108 bytes with its terminating zero (unix(7)). */
    private static final int LONGEST_PATH = 107;

    /** Of a directory made above the sockets' own, where the gateway's socket for its group may be. */
    private static final Set<PosixFilePermission> ABOVE = PosixFilePermissions.fromString("rwxr-x---");

    private Sockets() {}

    /**
     * Makes the parent directory with these permissions if it is missing, and removes a socket that nobody listens on any more, as a
     * process leaves behind that was killed.
     *
     * @throws StartFailure when somebody listens there, when something else has the name, or when the directory is more open than asked
     */
    public static void prepare(Path socket, String directoryPermissions) {
        if (socket.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length > LONGEST_PATH) {
            throw new StartFailure("socket path " + socket + " is longer than " + LONGEST_PATH + " bytes");
        }
        Path directory = socket.toAbsolutePath().getParent();
        if (directory == null) {
            throw new StartFailure("socket path " + socket + " has no directory");
        }
        try {
            makeDirectory(directory, directoryPermissions);
            removeStale(socket);
        } catch (IOException e) {
            throw new StartFailure("cannot prepare socket " + socket + ": " + e, e);
        }
    }

    private static void makeDirectory(Path directory, String permissions) throws IOException {
        Set<PosixFilePermission> wanted = PosixFilePermissions.fromString(permissions);
        if (!Files.isDirectory(directory)) {
            Path parent = directory.getParent();
            if (parent != null && !Files.isDirectory(parent)) {
                Path above = parent.getParent();
                if (above != null) {
                    Files.createDirectories(above);
                }
                make(parent, ABOVE);
            }
            if (make(directory, wanted)) {
                return;
            }
        }
        Set<PosixFilePermission> present = Files.getPosixFilePermissions(directory);
        present.removeAll(wanted);
        if (!present.isEmpty()) {
            throw new StartFailure("directory " + directory + " is more open than " + permissions
                    + ", so others could reach the sockets in it: chmod it or choose another");
        }
    }

    /** Whether it is made; not when another part that starts at the same time was quicker. */
    private static boolean make(Path directory, Set<PosixFilePermission> permissions) throws IOException {
        try {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(permissions));
            Files.setPosixFilePermissions(directory, permissions); // the umask may have taken some away
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    private static void removeStale(Path socket) throws IOException {
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new StartFailure("cannot listen on " + socket + ": a file that is no socket has this name");
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(socket));
            throw new StartFailure(
                    "socket " + socket + " is in use: another process listens on it; stop that one first");
        } catch (ConnectException refused) {
            Files.deleteIfExists(socket);
        }
    }
}
