package io.longshore.testbed.engine;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.process.Trees;
import io.longshore.testbed.registry.Authority;
import io.longshore.testbed.registry.DebianRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A fleet on this machine: a PostgreSQL, three replicas of each service and three gateways in processes of their own, a system registry, and
 * three nodes with their drivers, each in a network namespace on one cable. Closing it leaves nothing behind.
 */
public final class Fleet implements AutoCloseable {
    /** The nodes' host names. */
    public static final List<String> NODES = List.of("kiel", "oslo", "wien");

    /** The nodes at which ports answer that are published on others. */
    public static final List<String> ENTRIES = List.of("kiel", "oslo");

    /** Replicas of each service. */
    public static final int REPLICAS = 3;

    /** JVMs that start at the same time. */
    private static final int AT_ONCE = 3;

    private final Path directory;
    private final List<String> options;
    private final Segment segment = new Segment(NODES);
    private final List<ServiceSet> sets = new ArrayList<>();
    private final Map<String, JoinedNode> nodes = new LinkedHashMap<>();
    private final List<Integer> doors = new ArrayList<>();
    private @Nullable ServiceDatabase database;
    private @Nullable DebianRegistry registry;

    private Fleet(Path directory, List<String> options) {
        this.directory = directory;
        this.options = options;
    }

    /**
     * Starts the services and has the nodes join, one after the other: all are ready and active then.
     *
     * @param directory made for it
     * @param options of the services' JVMs
     */
    public static Fleet start(Path directory, List<String> options) {
        Fleet fleet = new Fleet(directory, StartUpCache.with(options));
        try {
            fleet.startServices();
            fleet.join();
            return fleet;
        } catch (RuntimeException | Error e) {
            e.addSuppressed(new IllegalStateException("the fleet wrote:\n" + fleet.log()));
            try {
                fleet.close();
            } catch (RuntimeException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    private void startServices() {
        // These make the directory passable, as PostgreSQL needs it.
        List<LongshoreHome> homes = new ArrayList<>();
        for (int replica = 0; replica < REPLICAS; replica++) {
            // The names that they make devices by are the same: that of the first letter.
            homes.add(LongshoreHome.make(directory.resolve("set" + replica)));
            doors.add(freePort());
        }
        registry = DebianRegistry.start(
                directory.resolve("registry"), new DebianRegistry.Options(segment.here(), false, null, null), null);
        database = new ServiceDatabase(directory.resolve("postgres"));
        Authority authority = Authority.make(directory.resolve("authority"));
        Path loginKey = homes.getFirst().makeLoginKey();
        for (int replica = 0; replica < REPLICAS; replica++) {
            int own = replica;
            sets.add(new ServiceSet(
                    homes.get(replica), part -> environment(part, own, homes, authority, loginKey), options));
        }
        List<Runnable> starts = new ArrayList<>();
        for (String part : ServiceSet.parts()) {
            sets.forEach(set -> starts.add(() -> set.start(part)));
        }
        all(starts);
    }

    private Map<String, String> environment(
            String part, int own, List<LongshoreHome> homes, Authority authority, Path loginKey) {
        Map<String, String> environment = new HashMap<>(database().environment(part));
        for (String service : ServiceDatabase.SERVICES) {
            List<String> addresses = new ArrayList<>();
            for (int i = 0; i < REPLICAS; i++) {
                LongshoreHome home = homes.get((own + i) % REPLICAS);
                addresses.add("unix:" + home.services().resolve(service + ".sock"));
            }
            environment.put("LONGSHORE_SERVICES_" + service.toUpperCase(Locale.ROOT), String.join(",", addresses));
        }
        if (part.equals("fleet")) {
            environment.put("LONGSHORE_LISTEN_FLEET", door(own));
            environment.put(
                    "LONGSHORE_FLEET_AUTHORITY_CERTIFICATEFILE",
                    authority.certificate().toString());
            environment.put("LONGSHORE_FLEET_AUTHORITY_KEYFILE", authority.key().toString());
        }
        if (part.equals("image")) {
            String host = Objects.requireNonNull(registry).host();
            environment.put("LONGSHORE_IMAGE_LOGINS_KEYFILE", loginKey.toString());
            environment.put("LONGSHORE_IMAGE_REGISTRY_INSECURE", segment.here() + "/32");
            environment.put("LONGSHORE_IMAGE_SYSTEMREGISTRY_ADDRESS", host);
        }
        return environment;
    }

    private String door(int replica) {
        return segment.here() + ":" + doors.get(replica);
    }

    private static int freePort() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ServiceDatabase database() {
        return Objects.requireNonNull(database);
    }

    private void join() {
        String token = token();
        List<Runnable> joins = new ArrayList<>();
        for (int i = 0; i < NODES.size(); i++) {
            String name = NODES.get(i);
            String server = door(i % REPLICAS);
            String all = doors.stream()
                    .map(port -> "https://" + segment.here() + ":" + port)
                    .collect(Collectors.joining(","));
            joins.add(() -> {
                JoinedNode node = JoinedNode.join(
                        segment.network(name),
                        directory.resolve(name),
                        Map.of("LONGSHORE_SERVICES_FLEET", all, "LONGSHORE_AGENT_ENTRY", "" + ENTRIES.contains(name)),
                        "--server",
                        server,
                        "--name",
                        name,
                        "--listen",
                        segment.address(name) + ":2378",
                        "--token",
                        token);
                synchronized (nodes) {
                    nodes.put(name, node);
                }
            });
        }
        all(joins);
    }

    private String token() {
        try {
            return engine(0)
                    .call(Request.post("/api/v1/join-tokens", "{\"uses\":" + NODES.size() + "}"))
                    .expect(201)
                    .json()
                    .path("token")
                    .asString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Does all of them, some at a time. */
    private static void all(List<Runnable> works) {
        try (ExecutorService some = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<?>> begun = new ArrayList<>();
            works.forEach(work -> begun.add(some.submit(work)));
            for (Future<?> one : begun) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** The engine that clients of one of the gateways see; closing it is not for its users. */
    public Engine engine(int replica) {
        return sets.get(replica);
    }

    /** What a replica has a process for: the services and {@code gateway}. */
    public static List<String> parts() {
        return ServiceSet.parts();
    }

    /** SIGKILL to one process of a replica. */
    public void kill(int replica, String part) {
        sets.get(replica).kill(part);
    }

    /** Starts what was killed, and waits until it listens. */
    public void start(int replica, String part) {
        sets.get(replica).start(part);
    }

    public JoinedNode node(String name) {
        return Objects.requireNonNull(nodes.get(name));
    }

    /** The address of a node. */
    public String address(String node) {
        return segment.address(node);
    }

    /** From now on a node and all others are not there for each other, and nobody is told so. */
    public void cut(String node) {
        segment.cut(node);
    }

    public void mend(String node) {
        segment.mend(node);
    }

    /** SIGKILL to the database, which is started again; returns when it listens. */
    public void crashDatabase() {
        database().crash();
    }

    /** The database answers nobody, and refuses nobody either, until it is {@link #thaw told} to go on. */
    public void freeze() {
        database().freeze();
    }

    public void thaw() {
        database().thaw();
    }

    /** Keeps what the database knows at this moment. */
    public void backUp() {
        database().backUp();
    }

    /** The database goes back to the moment of the last {@link #backUp}, while the services run. */
    public void restore() {
        database().restore();
    }

    /** Asks a replica of a part, past the gateway; see {@link Longshore#ask}. */
    public Response ask(int replica, String part, String target) {
        return sets.get(replica).ask(part, target);
    }

    /** The nodes that run a container, by its id. */
    public Map<String, List<String>> running() {
        Map<String, List<String>> running = new HashMap<>();
        for (String node : NODES) {
            for (Supervisors.Supervisor one : Supervisors.of(node(node).cgroup())) {
                running.computeIfAbsent(one.container(), id -> new ArrayList<>())
                        .add(node);
            }
        }
        return running;
    }

    /** Ends a container that no service knows: kills its supervisors, and so what they look after. */
    public void end(String container) {
        nodes.values().forEach(node -> Supervisors.kill(node.cgroup(), container));
    }

    /** The end of what each process wrote. */
    public String log() {
        StringBuilder all = new StringBuilder();
        sets.forEach(set -> all.append(set.log()));
        nodes.forEach((name, node) ->
                all.append("--- agent of ").append(name).append('\n').append(node.log()));
        return all.toString();
    }

    /** Ends all of it; containers have to be removed before. */
    @Override
    public void close() {
        List<AutoCloseable> parts = new ArrayList<>();
        if (database != null) {
            parts.add(this::thaw);
        }
        parts.addAll(nodes.values());
        parts.addAll(sets);
        if (database != null) {
            parts.add(database);
        }
        if (registry != null) {
            parts.add(registry);
        }
        parts.add(segment);
        IllegalStateException problems = new IllegalStateException("a fleet could not be cleared away");
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                problems.addSuppressed(e);
            }
        }
        Trees.delete(directory);
        if (problems.getSuppressed().length > 0) {
            throw problems;
        }
    }
}
