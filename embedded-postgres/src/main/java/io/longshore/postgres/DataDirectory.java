package io.longshore.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The data directory: made by initdb under another name, so that it is whole or not there. */
final class DataDirectory {
    /** What the binaries in the pom are; a data directory belongs to one major version. */
    static final String MAJOR = "18";

    private static final String ACCESS = """
            # Looked after by Longshore. Nobody gets in without a password, and only through the socket.
            local all all scram-sha-256
            """;

    /** Of the kernel, see unix(7). */
    private static final int LONGEST_SOCKET = 107;

    private static final SecureRandom RANDOM = new SecureRandom();

    private DataDirectory() {}

    /** Makes the directory unless there is one, and checks its version and who may log in. */
    static void prepare(PostgresSettings settings, Path home) {
        try {
            Files.createDirectories(settings.directory());
            Files.setPosixFilePermissions(settings.directory(), PosixFilePermissions.fromString("rwx--x--x"));
            if (!Files.exists(settings.data())) {
                requireNotSetAside(settings);
                create(settings, home);
            }
            checkVersion(settings.data());
            if (!Files.exists(settings.access())
                    || !Files.readString(settings.access()).equals(ACCESS)) {
                write(settings.access(), "rw-r--r--", ACCESS);
            }
            makeSocketDirectory(settings);
        } catch (IOException e) {
            throw new PostgresFailure("cannot prepare the database in " + settings.data() + ": " + e, e);
        }
    }

    private static void requireNotSetAside(PostgresSettings settings) {
        if (Files.exists(settings.asideData())) {
            throw new PostgresFailure("the database in " + settings.directory() + " was moved to another server, and "
                    + settings.asideData() + " is what it was before: to go back to that, rename it to "
                    + settings.data());
        }
    }

    static void setAside(PostgresSettings settings) throws IOException {
        if (Files.exists(settings.asideData())) {
            throw new IOException("the latter is there already, from an earlier time");
        }
        Files.move(settings.data(), settings.asideData(), StandardCopyOption.ATOMIC_MOVE);
        sync(settings.directory());
    }

    /** 192 random bits, in characters that need no quoting anywhere. */
    static String randomPassword() {
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static String superuserPassword(PostgresSettings settings) {
        try {
            return Files.readString(settings.passwordFile()).strip();
        } catch (IOException e) {
            throw new PostgresFailure(
                    "cannot read the superuser's password in " + settings.passwordFile() + ": " + e, e);
        }
    }

    /** Empty of what a server left that was killed: its lock file's process id may be somebody else's by now. */
    private static void makeSocketDirectory(PostgresSettings settings) throws IOException {
        Path socket = settings.socket();
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET) {
            throw new PostgresFailure("the name of PostgreSQL's socket " + socket + " has more than " + LONGEST_SOCKET
                    + " bytes: choose a shorter directory for it");
        }
        Path directory = settings.socketDirectory();
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        if (settings.user().isPresent()) {
            settings.user().get().own(directory);
        }
        Files.deleteIfExists(socket);
        Files.deleteIfExists(socket.resolveSibling(socket.getFileName() + ".lock"));
    }

    /** Writes a file that is whole or not there. */
    private static void write(Path file, String mode, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString(mode));
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        sync(file.resolveSibling("."));
    }

    private static void create(PostgresSettings settings, Path home) throws IOException {
        Path fresh = settings.directory().resolve("data.new");
        Trees.delete(fresh);
        Files.createDirectory(
                fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        String password = randomPassword();
        Path passwordForInitdb = fresh.resolveSibling("initdb.password");
        try {
            write(passwordForInitdb, "rw-------", password);
            if (settings.user().isPresent()) {
                settings.user().get().own(fresh);
                settings.user().get().own(passwordForInitdb);
            }
            initdb(settings, home, fresh, passwordForInitdb);
        } finally {
            Files.deleteIfExists(passwordForInitdb);
        }
        write(settings.passwordFile(), "rw-------", password);
        Files.move(fresh, settings.data(), StandardCopyOption.ATOMIC_MOVE);
        sync(settings.directory());
    }

    private static void initdb(PostgresSettings settings, Path home, Path data, Path password) throws IOException {
        List<String> initdb = new java.util.ArrayList<>(List.of(
                home.resolve("bin/initdb").toString(),
                "--pgdata=" + data,
                "--username=postgres",
                "--pwfile=" + password,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-instructions"));
        if (!settings.durable()) {
            initdb.addAll(List.of("--no-sync", "--wal-segsize=1"));
        }
        Process process = ServerProcess.builder(settings, initdb).start();
        process.getOutputStream().close();
        CompletableFuture<String> said = CompletableFuture.supplyAsync(() -> heard(process));
        try {
            String all = said.get(settings.deadline().toMillis(), TimeUnit.MILLISECONDS);
            if (process.waitFor() != 0) {
                throw new PostgresFailure("cannot make the database in " + data + ", initdb said: " + all.strip());
            }
        } catch (TimeoutException e) {
            throw new PostgresFailure(
                    "initdb in " + data + " did not end within "
                            + settings.deadline().toSeconds() + " s",
                    e);
        } catch (ExecutionException e) {
            throw new IOException("cannot read what initdb says: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresFailure("interrupted while making the database", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String heard(Process initdb) {
        try {
            return new String(initdb.getInputStream().readNBytes(1 << 16), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void checkVersion(Path data) throws IOException {
        String major = SmallFile.read(data.resolve("PG_VERSION")).strip();
        if (!major.equals(MAJOR)) {
            throw new PostgresFailure(
                    "the database in " + data + " is of PostgreSQL " + major + ", this Longshore brings " + MAJOR
                            + ": start the Longshore that made it, or migrate the data with pg_upgrade");
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
