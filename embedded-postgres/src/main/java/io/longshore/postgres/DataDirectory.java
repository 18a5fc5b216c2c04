package io.longshore.postgres;

import java.io.IOException;
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
import java.util.concurrent.TimeUnit;

/** The data directory: made by initdb under another name, so that it is whole or not there. */
final class DataDirectory {
    /** What the binaries in the pom are; a data directory belongs to one major version. */
    static final String MAJOR = "18";

    private static final SecureRandom RANDOM = new SecureRandom();

    private DataDirectory() {}

    /** Makes the directory unless there is one, and checks its version and who may log in. */
    static void prepare(PostgresSettings settings, Path home) {
        try {
            Files.createDirectories(settings.directory());
            Files.setPosixFilePermissions(settings.directory(), PosixFilePermissions.fromString("rwx--x--x"));
            if (!Files.exists(settings.data())) {
                create(settings, home);
            }
            checkVersion(settings.data());
            writeOwned(settings, settings.data().resolve("pg_hba.conf"), """
                    # Written at each start. Nobody gets in without a password, and only from this machine.
                    host all all 127.0.0.1/32 scram-sha-256
                    """);
        } catch (IOException e) {
            throw new PostgresFailure("cannot prepare the database in " + settings.data() + ": " + e, e);
        }
    }

    /** 192 random bits, in characters that need no quoting anywhere. */
    static String randomPassword() {
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Writes a file of mode 0600 that is whole or not there. */
    static void writeSecret(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        sync(fresh.resolveSibling("."));
    }

    private static void create(PostgresSettings settings, Path home) throws IOException {
        Path fresh = settings.directory().resolve("data.new");
        Trees.delete(fresh);
        Files.createDirectory(
                fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        String password = randomPassword();
        Path passwordForInitdb = fresh.resolveSibling("initdb.password");
        try {
            writeSecret(passwordForInitdb, password);
            if (settings.user().isPresent()) {
                settings.user().get().own(fresh);
                settings.user().get().own(passwordForInitdb);
            }
            initdb(settings, home, fresh, passwordForInitdb);
        } finally {
            Files.deleteIfExists(passwordForInitdb);
        }
        writeSecret(settings.passwordFile(), password);
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
        Process process = EmbeddedPostgres.builder(settings, initdb).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readNBytes(1 << 16), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(settings.deadline().toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new PostgresFailure("initdb in " + data + " did not end; it said: " + said);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new PostgresFailure("interrupted while making the database", e);
        }
        if (process.exitValue() != 0) {
            throw new PostgresFailure("cannot make the database in " + data + ", initdb said: " + said.strip());
        }
    }

    private static void checkVersion(Path data) throws IOException {
        String major = Files.readString(data.resolve("PG_VERSION")).strip();
        if (!major.equals(MAJOR)) {
            throw new PostgresFailure(
                    "the database in " + data + " is of PostgreSQL " + major + ", this Longshore brings " + MAJOR
                            + ": start the Longshore that made it, or migrate the data with pg_upgrade");
        }
    }

    private static void writeOwned(PostgresSettings settings, Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        writeSecret(fresh, text);
        if (settings.user().isPresent()) {
            settings.user().get().own(fresh);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
