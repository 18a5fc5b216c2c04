package io.longshore.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
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
    private static final String UNFINISHED = "unpacking-";
    /** The archive unpacks to about 60 MB; ten times as much is not what we know. */
    private static final long MAX_BYTES = 600L << 20;

    private PostgresBinaries() {}

    /**
     * The directory with {@code bin}, {@code lib} and {@code share}, unpacked if it is not there whole. Several processes may call this
     * at once.
     */
    static Path unpack(PostgresSettings settings) {
        Path parent = settings.binaries();
        try {
            if (!Files.exists(parent)) {
                // The umask can only take away from this.
                Files.createDirectories(parent, PosixFilePermissions.asFileAttribute(permissions(0755)));
            }
            refuseOthers(parent);
            Path home = parent.resolve("bin-" + fingerprint());
            if (!whole(home)) {
                unpackAlone(settings, home);
            }
            return home;
        } catch (IOException e) {
            throw new PostgresFailure("cannot unpack PostgreSQL into " + parent + ": " + e, e);
        }
    }

    /** Whoever may write here decides what runs as PostgreSQL. */
    private static void refuseOthers(Path parent) throws IOException {
        Set<PosixFilePermission> granted = Files.getPosixFilePermissions(parent);
        String owner = Files.getOwner(parent).getName();
        if (granted.contains(PosixFilePermission.GROUP_WRITE)
                || granted.contains(PosixFilePermission.OTHERS_WRITE)
                || !owner.equals(System.getProperty("user.name"))) {
            throw new PostgresFailure(
                    "PostgreSQL's programs cannot be in %s: it belongs to %s with permissions %s, and only %s may write to it; chown or chmod go-w it"
                            .formatted(
                                    parent,
                                    owner,
                                    PosixFilePermissions.toString(granted),
                                    System.getProperty("user.name")));
        }
    }

    /** While no other process and no other thread does, so that an unfinished tree is one that was cut off. */
    private static synchronized void unpackAlone(PostgresSettings settings, Path home) throws IOException {
        Path parent = settings.binaries();
        Instant end = Instant.now().plus(settings.deadline());
        try (FileChannel channel = FileChannel.open(
                        parent.resolve("unpack.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = lock(channel, end)) {
            delete(parent, name -> name.startsWith(UNFINISHED));
            if (whole(home)) {
                return;
            }
            Path fresh = Files.createTempDirectory(parent, UNFINISHED);
            try {
                extract(fresh);
                sync(fresh, Duration.between(Instant.now(), end));
                // Binaries of another version serve nobody: who shares this directory has the same version.
                delete(parent, name -> name.startsWith("bin-"));
                Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Trees.delete(fresh);
            }
        }
    }

    private static FileLock lock(FileChannel channel, Instant end) throws IOException {
        while (true) {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return lock;
            }
            if (Instant.now().isAfter(end)) {
                throw new IOException("another process is unpacking it and does not end");
            }
            Postmaster.pause(50);
        }
    }

    private static void delete(Path parent, Predicate<String> name) throws IOException {
        try (Stream<Path> entries = Files.list(parent)) {
            for (Path entry :
                    entries.filter(e -> name.test(e.getFileName().toString())).toList()) {
                Trees.delete(entry);
            }
        }
    }

    /** All files are on disk before the tree gets its name; one call for all of them takes a fraction of what a thousand take. */
    private static void sync(Path tree, Duration limit) throws IOException {
        Process sync = new ProcessBuilder("sync", "--file-system", tree.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (limit.isNegative() || !sync.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS) || sync.exitValue() != 0) {
                throw new IOException("cannot flush " + tree + " to disk in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresFailure("interrupted while unpacking PostgreSQL", e);
        } finally {
            sync.destroyForcibly();
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

    private static void extract(Path fresh) throws IOException {
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
                if (entry.isFile()
                        && !entry.isSymbolicLink()) { // a link is a file, too, for this reader: one of no size
                    files.put(inside(fresh, entry.getName()).toString(), entry.getSize());
                }
            }
        }
        StringBuilder list = new StringBuilder();
        files.forEach((name, size) -> list.append(size).append(' ').append(name).append('\n'));
        Files.writeString(fresh.resolve(LIST), list);
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
}
