package io.longshore.postgres;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where and how the server runs.
 *
 * @param directory holds the data, the socket, who may log in and the superuser's password; the user must be able to pass through
 *     its parents
 * @param binaries holds the unpacked programs; may be the same, or shared by several servers
 * @param user whom the server runs as; empty for the JVM's own user, who must not be root then
 * @param durable whether a commit is on disk when it is answered; false is for tests only
 * @param deadline for a start, crash recovery included, and for a stop
 */
public record PostgresSettings(
        Path directory, Path binaries, Optional<OsUser> user, boolean durable, Duration deadline) {
    static final String DATA = "data";
    /** The data of before it was moved to another server. */
    static final String SET_ASIDE = "data.moved";

    static final String PASSWORD = "superuser.password";
    /** A part of the socket's name, no port. */
    private static final int PORT = 5432;

    /** What a machine's own database runs with. A minute is for recovery after a power cut: at most 256 MB of log are replayed. */
    public static PostgresSettings durable(Path directory, Path binaries, Optional<OsUser> user) {
        return new PostgresSettings(directory, binaries, user, true, Duration.ofSeconds(60));
    }

    Path data() {
        return directory.resolve(DATA);
    }

    /** Where {@link EmbeddedPostgres#setAside} leaves the data. */
    public Path asideData() {
        return directory.resolve(SET_ASIDE);
    }

    Path passwordFile() {
        return directory.resolve(PASSWORD);
    }

    /** Of the server's user, and entered by nobody else but root. */
    Path socketDirectory() {
        return directory.resolve("socket");
    }

    Path socket() {
        return socketDirectory().resolve(".s.PGSQL." + PORT);
    }

    /** Who may log in and how; beside the data, so that the server cannot change it. */
    Path access() {
        return directory.resolve("pg_hba.conf");
    }

    /**
     * The server's options, each {@code name=value}; they go before what the data directory's own files say, which an earlier version
     * may have written. Memory is kept small: the working set of a node's metadata is a few MB.
     */
    List<String> options() {
        String sync = durable ? "on" : "off";
        return List.of(
                "listen_addresses=",
                "port=" + PORT,
                // A list of names, so a name with a comma needs the quotes.
                "unix_socket_directories=\"" + socketDirectory().toString().replace("\"", "\"\"") + '"',
                "unix_socket_permissions=0700",
                "hba_file=" + access(),
                "password_encryption=scram-sha-256",
                "fsync=" + sync,
                "synchronous_commit=" + sync,
                "full_page_writes=" + sync,
                "max_connections=100",
                "shared_buffers=32MB",
                "work_mem=2MB",
                "maintenance_work_mem=16MB",
                "autovacuum_max_workers=1",
                "max_wal_size=256MB",
                "min_wal_size=32MB",
                // No replicas hang on this server, so it need not write for them, nor keep processes for them.
                "wal_level=minimal",
                "max_wal_senders=0",
                "max_logical_replication_workers=0",
                "max_worker_processes=2",
                "max_parallel_workers=0",
                "max_parallel_workers_per_gather=0",
                "io_method=sync",
                "jit=off",
                // Errors of statements are the clients' to report; connections that are refused are logged.
                "log_min_messages=log",
                "lc_messages=C",
                "log_checkpoints=off",
                "log_line_prefix=");
    }
}
