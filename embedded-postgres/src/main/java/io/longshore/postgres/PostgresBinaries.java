package io.longshore.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The server's programs and libraries, from the archive on the class path. They are unpacked once per version of the archive
 * and checked at each start: a list of what was unpacked, with sizes, is written last.
 */
final class PostgresBinaries {
    private static final String ARCHIVE = "/postgres-linux-x86_64.txz";
    private static final String LIST = "unpacked.list";
    /** The archive unpacks to about 60 MB; ten times as much is not what we know. */
    private static final long MAX_BYTES = 600L << 20;

    private PostgresBinaries() {}

    /**
     * The directory with {@code bin}, {@code lib} and {@code share}, below {@code parent}, unpacked if it is not there whole.
     * Several processes may call this at once.
     */
    static Path unpack(Path parent) {
        try {
            Path home = parent.resolve("bin-" + fingerprint());
            if (!whole(home)) {
                Files.createDirectories(parent);
                replace(extract(parent), home);
            }
            return home;
        } catch (IOException e) {
            throw new PostgresFailure("cannot unpack PostgreSQL into " + parent + ": " + e, e);
        }
    }

    /** Which archive: its CRC-32 and size as the jar's directory has them, so that nothing is read at a warm start. */
    private static String fingerprint() throws IOException {
        if (archive().openConnection() instanceof JarURLConnection jar) {
            var entry = jar.getJarEntry();
            return "%08x-%d".formatted(entry.getCrc(), entry.getSize());
        }
        throw new IOException(archive() + " is not in a jar");
    }

    private static URL archive() throws IOException {
        URL archive = PostgresBinaries.class.getResource(ARCHIVE);
        if (archive == null) {
            throw new IOException("there is no " + ARCHIVE + " on the class path; this machine must be x86_64 Linux");
        }
        return archive;
    }

    private static boolean whole(Path home) throws IOException {
        Path list = home.resolve(LIST);
        if (!Files.isRegularFile(list)) {
            return false;
        }
        for (String line : Files.readAllLines(list)) {
            int space = line.indexOf(' ');
            Path file = home.resolve(line.substring(space + 1));
            if (!Files.isRegularFile(file) || Files.size(file) != Long.parseLong(line.substring(0, space))) {
                return false;
            }
        }
        return true;
    }

    private static Path extract(Path parent) throws IOException {
        Path fresh = Files.createTempDirectory(parent, "unpacking-");
        Files.setPosixFilePermissions(fresh, permissions(0755));
        TreeMap<String, Long> files = new TreeMap<>();
        long total = 0;
        try (InputStream raw = new BufferedInputStream(archive().openStream(), 1 << 16);
                TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(raw))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                total += entry.getSize();
                if (total > MAX_BYTES) {
                    throw new IOException("the archive is larger than " + MAX_BYTES + " bytes");
                }
                write(fresh, entry, tar);
                if (entry.isFile()) {
                    files.put(inside(fresh, entry.getName()).toString(), entry.getSize());
                }
            }
        }
        StringBuilder list = new StringBuilder();
        files.forEach((name, size) -> list.append(size).append(' ').append(name).append('\n'));
        Files.writeString(fresh.resolve(LIST), list);
        return fresh;
    }

    private static void write(Path home, TarArchiveEntry entry, TarArchiveInputStream tar) throws IOException {
        Path target = home.resolve(inside(home, entry.getName()));
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            Files.setPosixFilePermissions(target, permissions(0755));
            return;
        }
        Files.createDirectories(target.getParent());
        if (entry.isSymbolicLink()) {
            // Only links to a neighbour, as shared libraries have them.
            if (entry.getLinkName().contains("/")) {
                throw new IOException("link " + entry.getName() + " leads to " + entry.getLinkName());
            }
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (entry.isFile()) {
            Files.copy(tar, target);
            Files.setPosixFilePermissions(target, permissions((entry.getMode() & 0111) == 0 ? 0644 : 0755));
        } else {
            throw new IOException("entry " + entry.getName() + " is neither file, directory nor symbolic link");
        }
    }

    private static Path inside(Path home, String name) throws IOException {
        Path target = home.resolve(name).normalize();
        if (!target.startsWith(home)) {
            throw new IOException("entry " + name + " lies outside of the archive");
        }
        return home.relativize(target);
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] all = PosixFilePermission.values();
        for (int bit = 0; bit < all.length; bit++) {
            if ((mode & (0400 >> bit)) != 0) {
                set.add(all[bit]);
            }
        }
        return set;
    }

    /** Puts the fresh tree in place; another process may have been quicker. */
    private static void replace(Path fresh, Path home) throws IOException {
        if (Files.exists(home) && !whole(home)) {
            Trees.delete(home);
        }
        try {
            Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException e) {
            Trees.delete(fresh);
        } catch (java.nio.file.FileSystemException e) {
            Trees.delete(fresh);
            if (!whole(home)) {
                throw e;
            }
        }
        try (Stream<Path> old = Files.list(home.getParent())) {
            // Binaries of another version serve nobody: the data directory belongs to this one now.
            for (Path other : old.filter(p -> stale(p, home)).toList()) {
                Trees.delete(other);
            }
        }
    }

    private static boolean stale(Path path, Path home) {
        return path.getFileName().toString().startsWith("bin-") && !path.equals(home);
    }
}
