package io.longshore.testbed.engine;

import io.longshore.postgres.socket.UnixSocketFactory;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.json.JsonMapper;

/** A Longshore of a test's own, in either form. What outlives it, containers and their supervisors, is ended on close. */
public abstract class Longshore implements Engine {
    /** How long an attached client may take nothing here: shorter than users' minute, and longer than a busy machine stops anybody. */
    public static final Duration ATTACH_STALL = Duration.ofSeconds(15);

    /** Network namespaces that are made ahead. */
    public static final int PREPARED_SANDBOXES = 2;

    /** Work directories of those that this JVM has started and not closed. */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private static final JsonMapper JSON = JsonMapper.builder().build();

    final LongshoreHome home;

    Longshore(LongshoreHome home) {
        this.home = home;
        OPEN.add(home.work());
    }

    @Override
    public final Path socket() {
        return home.socket();
    }

    @Override
    public final Path plugins() {
        return home.plugins();
    }

    /** The work directory. */
    public final Path work() {
        return home.work();
    }

    /** The devices of the bridge networks that its node remembers, by the networks' ids. */
    public final Map<String, String> bridges() {
        return bridges(work());
    }

    /** The same of each Longshore that this JVM runs; the ids of predefined networks are the same in all. */
    public static List<Map<String, String>> allBridges() {
        return OPEN.stream().map(Longshore::bridges).toList();
    }

    private static Map<String, String> bridges(Path work) {
        Map<String, String> devices = new HashMap<>();
        try (DirectoryStream<Path> records = Files.newDirectoryStream(work.resolve("network"), "*.json")) {
            for (Path record : records) {
                try {
                    String device = JSON.readTree(Files.readAllBytes(record))
                            .path("bridge")
                            .path("device")
                            .asString("");
                    devices.put(record.getFileName().toString().replaceFirst("\\.json$", ""), device);
                } catch (NoSuchFileException e) {
                    // Removed meanwhile.
                }
            }
        } catch (NoSuchFileException e) {
            // It has not had a network yet.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return devices;
    }

    /** The agent's directory of sockets. */
    public final Path agentRun() {
        return home.agentRun();
    }

    /** The graph driver's directory in it, by whichever is in use. */
    public final Path layers() {
        Path vfs = work().resolve("vfs");
        return Files.isDirectory(vfs) ? vfs : work().resolve("overlay2");
    }

    /** Processes whose mounts are Longshore's: the agent's. */
    public abstract long agentPid();

    /** Everything of Longshore's but what belongs to containers, for example to sum up its memory. */
    public abstract List<Long> pids();

    /** SIGKILL to all of Longshore's JVMs, at whatever they are doing. */
    public abstract void crash();

    /** Starts again what was killed, without waiting for it; {@link #restart} goes on from there. */
    public abstract void begin();

    /** Starts again what was killed, and waits until it answers. */
    public abstract void restart();

    /** Ends it as {@code SIGTERM} does, containers left alone. */
    abstract void stop();

    /** The cgroup in every hierarchy under which its containers have theirs, {@code /name}. */
    public final String cgroup() {
        return home.cgroup();
    }

    /** The name of its table of rules in nftables' family {@code inet}. */
    public final String firewallTable() {
        return home.own();
    }

    /** Where its PostgreSQL lies. */
    abstract Path postgres();

    /** The first column of what a query finds, asked as the superuser, who sees the schemas of all services. */
    public final Set<String> rows(String query) {
        String url = UnixSocketFactory.url(postgres().resolve("socket/.s.PGSQL.5432"), "longshore");
        try (Connection connection = DriverManager.getConnection(
                        url,
                        "postgres",
                        Files.readString(postgres().resolve("superuser.password"))
                                .strip());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            Set<String> found = new HashSet<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        } catch (SQLException | IOException e) {
            throw new IllegalStateException("cannot ask the database of " + name() + " \"" + query + "\": " + e, e);
        }
    }

    /** Asks a part, past the gateway, as the parts ask each other: with a caller's headers (contracts, {@code Caller}). */
    public final Response ask(String part, String target) {
        return ask(home, part, target, this);
    }

    static Response ask(LongshoreHome home, String part, String target, Engine engine) {
        Request request = Request.get(target)
                .with("Longshore-Principal: acceptance")
                .with("Longshore-Project: default")
                .with("Longshore-Deadline: " + (System.currentTimeMillis() + 30_000))
                .with("Longshore-Trace: " + "a".repeat(32));
        try {
            return UnixHttp.once(home.services().resolve(part + ".sock"), request)
                    .expect(200);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    part + " of " + engine.name() + ": " + e.getMessage() + "\n" + engine.log(), e);
        }
    }

    /** Ends it; an {@link IllegalStateException} names the supervisors that were left when all containers were removed. */
    @Override
    public final void close() {
        boolean removed = removeContainers();
        List<Supervisors.Supervisor> left = removed ? Supervisors.awaitNone(home.cgroup()) : List.of();
        stop();
        Supervisors.kill(home.cgroup());
        Cgroups.remove(home.cgroup());
        Set<String> devices = new HashSet<>(bridges().values());
        devices.add(home.own());
        Rules.remove(home.own(), devices);
        Trees.delete(home.agentRun());
        Trees.delete(home.root());
        OPEN.remove(home.work());
        if (!left.isEmpty()) {
            throw new IllegalStateException(name() + " left supervisors of containers that are removed: " + left);
        }
    }

    /** Whether it removed all; one that does not answer any more is ended all the same. */
    private boolean removeContainers() {
        if (!Ready.connects(socket())) {
            return false;
        }
        try {
            boolean all = true;
            for (var container : call(Request.get("/containers/json?all=1")).json()) {
                String path = "/containers/" + container.path("Id").asString() + "?force=1&v=1";
                all &= call(Request.delete(path)).status() == 204;
            }
            return all;
        } catch (UncheckedIOException e) {
            return false;
        }
    }
}
