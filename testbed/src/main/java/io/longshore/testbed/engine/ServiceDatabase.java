package io.longshore.testbed.engine;

import io.longshore.postgres.EmbeddedPostgres;
import io.longshore.postgres.OsUser;
import io.longshore.postgres.PostgresSettings;
import io.longshore.postgres.Provisioning;
import io.longshore.testbed.process.Await;
import io.longshore.testbed.process.Program;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A PostgreSQL with a database in which each service has a role and a schema of its own, for services in processes of their own. */
final class ServiceDatabase implements AutoCloseable {
    /** Those that have a schema. */
    static final List<String> SERVICES = List.of("container", "image", "access", "fleet", "volume", "network");

    private static final String DATABASE = "longshore";
    private static final Duration START = Duration.ofMinutes(1);

    private final PostgresSettings settings;
    private volatile EmbeddedPostgres server;
    private final Map<String, Provisioning.Role> roles = new LinkedHashMap<>();
    private boolean frozen;

    /** Starts it in a directory, whose parents its user may pass through. */
    ServiceDatabase(Path directory) {
        this.settings = PostgresSettings.durable(
                directory,
                LongshoreHome.postgresBinaries(directory),
                Optional.of(new OsUser(LongshoreHome.POSTGRES_USER, LongshoreHome.POSTGRES_USER)));
        this.server = EmbeddedPostgres.start(settings);
        for (String service : SERVICES) {
            roles.put(service, new Provisioning.Role(service, Provisioning.randomPassword(), service));
        }
        Provisioning provisioning = new Provisioning(server);
        provisioning.database(DATABASE);
        provisioning.services(DATABASE, List.copyOf(roles.values()));
    }

    /** The variables with a service's login; none for what is no service. */
    Map<String, String> environment(String service) {
        Provisioning.Role role = roles.get(service);
        return role == null
                ? Map.of()
                : Map.of(
                        "LONGSHORE_DATABASE_URL", server.url(DATABASE),
                        "LONGSHORE_DATABASE_USER", role.name(),
                        "LONGSHORE_DATABASE_PASSWORD", role.password());
    }

    Path directory() {
        return settings.directory();
    }

    long pid() {
        return server.pid();
    }

    /** SIGKILL to its first process; it is started again, and this waits for that. */
    void crash() {
        long before = server.pid();
        ProcessHandle.of(before).ifPresent(ProcessHandle::destroyForcibly);
        if (!Await.until(START, () -> server.pid() != before && Ready.connects(socket()))) {
            throw new IllegalStateException("PostgreSQL does not start again in " + settings.directory());
        }
    }

    /** Nobody is answered any more, and nobody refused, until it is told to go on. */
    void freeze() {
        ProcessHandle first = first();
        frozen = true;
        // Once it is stopped none of the others is buried, so each of them can be signalled.
        stop(List.of(first.pid()));
        Set<Long> stopped = new HashSet<>();
        List<Long> more;
        do {
            // What it was about to start when it was stopped comes late.
            more = descendants(first).filter(stopped::add).toList();
            stop(more);
        } while (!more.isEmpty());
    }

    /** It goes on, if it was told to {@link #freeze}. */
    void thaw() {
        if (frozen) {
            ProcessHandle first = first();
            signal("CONT", descendants(first).toList());
            signal("CONT", List.of(first.pid()));
            frozen = false;
        }
    }

    private ProcessHandle first() {
        return ProcessHandle.of(server.pid()).orElseThrow();
    }

    private static Stream<Long> descendants(ProcessHandle first) {
        return first.descendants().map(ProcessHandle::pid);
    }

    /** On a busy machine a process stops some time after it was told to, and ends a write or a fork before. */
    private static void stop(List<Long> processes) {
        signal("STOP", processes);
        if (!Await.until(START, () -> processes.stream().allMatch(ServiceDatabase::hasStopped))) {
            throw new IllegalStateException("processes of PostgreSQL do not stop: " + processes);
        }
    }

    /** Or has ended, and is not buried. */
    private static boolean hasStopped(long process) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process), "stat"));
            return "TZ".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) >= 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void signal(String signal, List<Long> processes) {
        if (!processes.isEmpty()) {
            List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
            processes.forEach(process -> command.add(Long.toString(process)));
            Program.run(command).ok();
        }
    }

    /** Copies the data as a crash at this moment would leave them. */
    void backUp() {
        freeze();
        try {
            Trees.delete(copy());
            Program.run("cp", "-a", data().toString(), copy().toString()).ok();
        } finally {
            thaw();
        }
    }

    /** Stops it, and starts it with the data that were {@link #backUp copied}. */
    void restore() {
        server.close();
        Trees.delete(data());
        Program.run("cp", "-a", copy().toString(), data().toString()).ok();
        Trees.delete(data().resolve("postmaster.pid"));
        server = EmbeddedPostgres.start(settings);
    }

    private Path socket() {
        return settings.directory().resolve("socket/.s.PGSQL.5432");
    }

    private Path data() {
        return settings.directory().resolve("data");
    }

    private Path copy() {
        return settings.directory().resolve("copy");
    }

    @Override
    public void close() {
        server.close();
    }
}
