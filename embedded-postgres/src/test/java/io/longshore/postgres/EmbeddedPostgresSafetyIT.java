package io.longshore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The server as an intruder meets it. */
class EmbeddedPostgresSafetyIT extends ServerCases {
    @Test
    void dataOfAnEarlierLongshoreIsServedOnTheSocketOnly() throws Exception {
        Files.writeString(
                settings.data().resolve("postgresql.conf"),
                "listen_addresses = '*'\nport = 5999\nunix_socket_directories = '/tmp'\n",
                StandardOpenOption.APPEND);
        Files.writeString(settings.data().resolve("pg_hba.conf"), "local all all trust\nhost all all all trust\n");
        try (EmbeddedPostgres server = start()) {
            assertThat(query(server, "select 1")).isEqualTo("1");
            assertThatThrownBy(() -> DriverManager.getConnection(server.url("postgres"), "postgres", "guess"))
                    .hasMessageContaining("password authentication failed");
            assertThat(listeners(server, "tcp")).isEmpty();
            assertThat(listeners(server, "tcp6")).isEmpty();
            assertThat(Path.of("/tmp/.s.PGSQL.5999")).doesNotExist();
        }
    }

    @Test
    void filesThatAreNoFilesAreNotReadFromTheDataDirectory() throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "18\n");
        for (String name : List.of("PG_VERSION", "postmaster.pid")) {
            Path file = settings.data().resolve(name);
            Files.deleteIfExists(file);
            Files.createSymbolicLink(file, secret);
            assertThatThrownBy(() -> SmallFile.read(file)).hasMessageContaining(file + " is not a regular file");
            Files.delete(file);
            assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor())
                    .isZero();
            assertThatThrownBy(() -> SmallFile.read(file)).hasMessageContaining(file + " is not a regular file");
        }
        assertThatThrownBy(this::start)
                .isInstanceOf(PostgresFailure.class)
                .hasMessageContaining("PG_VERSION is not a regular file");
    }

    @Test
    void nobodyGetsInWithoutPassword() throws Exception {
        try (EmbeddedPostgres server = start()) {
            new Provisioning(server).database("longshore");
            new Provisioning(server).services("longshore", List.of(VOLUME));
            for (String user : List.of("postgres", "volume", "nobody", "root")) {
                assertThatThrownBy(() -> DriverManager.getConnection(server.url("longshore"), user, ""))
                        .isInstanceOf(SQLException.class);
                assertThatThrownBy(() -> DriverManager.getConnection(server.url("longshore"), user, "guess"))
                        .hasMessageContaining("password authentication failed");
            }
            assertThat(query(server, "select string_agg(type || ' ' || auth_method, ',') from pg_hba_file_rules"))
                    .isEqualTo("local scram-sha-256");
            if (settings.user().isPresent()) {
                assertThat(asAnotherUser("cat " + settings.passwordFile())).contains("Permission denied");
                assertThat(asAnotherUser("ls " + settings.data())).contains("Permission denied");
                assertThat(asAnotherUser("ls " + settings.socket())).contains("Permission denied");
                assertThat(asAnotherUser("perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Peer => \""
                                + settings.socket() + "\") or die $!'"))
                        .contains("Permission denied");
                assertThat(Files.getOwner(settings.access()).getName()).isEqualTo("root");
                assertThat(asAnotherUser("cat /proc/" + server.pid() + "/environ; ls /proc/" + server.pid() + "/fd"))
                        .contains("Permission denied");
            }
        }
    }

    @Test
    void roleOfAServiceIsConfinedToItsSchema() throws Exception {
        try (EmbeddedPostgres server = start()) {
            Provisioning provisioning = new Provisioning(server);
            provisioning.database("longshore");
            Provisioning.Role network = new Provisioning.Role("network", PASSWORD, "network");
            provisioning.services("longshore", List.of(VOLUME, network));
            provisioning.services("longshore", List.of(network));
            try (Connection volume = DriverManager.getConnection(server.url("longshore"), "volume", PASSWORD);
                    Statement statement = volume.createStatement()) {
                statement.execute("create table volume.t (n int)");
                for (String refused : List.of(
                        "copy (select 1) to program 'id'",
                        "copy volume.t from '/etc/passwd'",
                        "copy volume.t from program 'id'",
                        "select pg_read_file('/etc/passwd')",
                        "create table network.t (n int)",
                        "create table public.t (n int)",
                        "create schema other",
                        "create role other",
                        "create extension dblink",
                        "set role postgres",
                        "alter system set fsync = off",
                        "select lo_import('/etc/passwd')")) {
                    assertThatThrownBy(() -> statement.execute(refused))
                            .as(refused)
                            .isInstanceOf(SQLException.class)
                            .hasMessageMatching("(?s).*(permission denied|must be superuser|not available).*");
                }
                assertThatThrownBy(() -> DriverManager.getConnection(server.url("postgres"), "volume", PASSWORD))
                        .hasMessageContaining("permission denied");
            }
        }
    }

    @Test
    void serverRunsWithoutPrivileges() throws Exception {
        try (EmbeddedPostgres server = start()) {
            List<String> status = Files.readAllLines(Path.of("/proc", Long.toString(server.pid()), "status"));
            assertThat(status).anyMatch(line -> line.matches("NoNewPrivs:\\s+1"));
            if (settings.user().isPresent()) {
                assertThat(status).anyMatch(line -> line.matches("Uid:\\s+65534\\s+65534\\s+65534\\s+65534"));
                assertThat(status).filteredOn(l -> l.startsWith("Cap")).allMatch(l -> l.endsWith("0000000000000000"));
                assertThat(status).anyMatch(line -> line.matches("Groups:\\s*"));
            }
        }
    }

    @Test
    void theServerHasNoSocketOfANetworkAndOneOfItsOwn() throws Exception {
        try (EmbeddedPostgres server = start()) {
            assertThat(listeners(server, "tcp")).isEmpty();
            assertThat(listeners(server, "tcp6")).isEmpty();
            assertThat(listeners(server, "udp")).isEmpty();
            assertThat(listeners(server, "udp6")).isEmpty();
            assertThat(listeners(server, "unix"))
                    .singleElement()
                    .asString()
                    .endsWith(settings.socket().toString());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(settings.socketDirectory())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void passwordsAreNotSentInClear() throws Exception {
        try (EmbeddedPostgres server = start()) {
            // The server says every statement that it gets.
            update(server, "alter system set log_statement = 'all'", "select pg_reload_conf()");
            await(() -> {
                try {
                    return query(server, "show log_statement").equals("all");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            String said = heard(() -> {
                new Provisioning(server).database("longshore");
                new Provisioning(server).services("longshore", List.of(VOLUME));
            });
            assertThat(said)
                    .contains("alter role \"volume\"")
                    .contains("SCRAM-SHA-256$")
                    .doesNotContain(PASSWORD);
        }
    }

    /** What the server logs meanwhile. */
    private static String heard(Runnable work) {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        Logger log = (Logger) LoggerFactory.getLogger("postgres");
        lines.start();
        log.addAppender(lines);
        try {
            work.run();
            await(() -> List.copyOf(lines.list).stream()
                    .anyMatch(line -> line.getFormattedMessage().contains("create schema")));
            return List.copyOf(lines.list).stream()
                    .map(ILoggingEvent::getFormattedMessage)
                    .collect(Collectors.joining("\n"));
        } finally {
            log.detachAppender(lines);
        }
    }

    /** The lines in /proc/net of the sockets that the server's first process has open, and on which it listens. */
    private static List<String> listeners(EmbeddedPostgres server, String kind) throws IOException {
        Set<String> inodes = new HashSet<>();
        Path process = Path.of("/proc", Long.toString(server.pid()));
        try (Stream<Path> open = Files.list(process.resolve("fd"))) {
            for (Path descriptor : open.toList()) {
                try {
                    String target = Files.readSymbolicLink(descriptor).toString();
                    if (target.startsWith("socket:[")) {
                        inodes.add(target.substring(8, target.length() - 1));
                    }
                } catch (NoSuchFileException e) {
                    // The server closed it meanwhile, a connection that its child has.
                    assertThat(process).exists();
                }
            }
        }
        assertThat(inodes).isNotEmpty();
        return Files.readAllLines(process.resolve("net").resolve(kind)).stream()
                .filter(line -> List.of(line.strip().split("\\s+")).stream().anyMatch(inodes::contains))
                // An accepted connection has the same path, without the flag (linux/net.h, __SO_ACCEPTCON).
                .filter(line -> !kind.equals("unix") || line.contains(" 00010000 "))
                .toList();
    }

    private static String asAnotherUser(String command) throws Exception {
        Process process = new ProcessBuilder(
                        "setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", "--", "sh", "-c", command)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return said;
    }
}
