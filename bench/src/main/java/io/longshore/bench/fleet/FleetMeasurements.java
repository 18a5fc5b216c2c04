package io.longshore.bench.fleet;

import io.longshore.bench.Samples;
import io.longshore.testbed.engine.Memory;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.process.Await;
import io.longshore.testbed.registry.DebianRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code ./longshore bench --part fleet}: a standalone with 500 more agents and 20,000 containers, through its public socket. Everything is on
 * this machine: what is measured, the agents and the clients.
 */
public final class FleetMeasurements {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int CONNECTIONS = 48;
    private static final int HOSTS = 2;
    private static final int LISTS = 100;
    /** Changes of containers in a second while lists are read. */
    private static final int CHANGES = 50;

    private final Path directory;
    private final int agents;
    private final int containers;
    private final Figures figures = new Figures();
    private final List<String> ids = new ArrayList<>();

    private FleetMeasurements(Path directory, int agents, int containers) {
        this.directory = directory;
        this.agents = agents;
        this.containers = containers;
    }

    /**
     * Measures below the directory, and prints the table.
     *
     * @param quick with a tenth of everything
     * @return whether all targets are met
     */
    public static boolean run(Path directory, boolean quick) throws IOException {
        FleetMeasurements fleet = new FleetMeasurements(directory, quick ? 50 : 500, quick ? 2_000 : 20_000);
        fleet.fleet();
        InspectMeasurements.run(directory, fleet.figures);
        System.out.println(fleet.figures.table());
        return fleet.figures.met();
    }

    private void fleet() throws IOException {
        DebianRegistry registry =
                DebianRegistry.start(directory.resolve("registry"), DebianRegistry.Options.OPEN, null);
        try (registry;
                Standalone longshore = Standalone.start(directory.resolve("longshore"), environment(registry))) {
            long alone = Memory.pss(longshore.pids());
            long begin = System.nanoTime();
            Path socket = directory.resolve("longshore/run/services/fleet.sock");
            try (SimulatedNodes nodes =
                    SimulatedNodes.start(directory.resolve("nodes"), "unix:" + socket, agents, HOSTS)) {
                if (!Await.until(PATIENCE, () -> ready(longshore) == agents + 1)) {
                    throw new IOException(ready(longshore) + " nodes are ready of " + agents + "\n" + longshore.log());
                }
                figures.told(agents + " agents from their start to all nodes ready", since(begin), "s");
                figures.told(
                        "memory (PSS) of an agent, of " + agents + " in " + HOSTS + " JVMs",
                        Memory.pss(nodes.pids()) / 1e6 / agents,
                        "MB");
                figures.told("memory of the standalone, PostgreSQL included, before", alone / 1e6, "MB");
                long idle = Memory.pss(longshore.pids());
                figures.told("with " + agents + " nodes", idle / 1e6, "MB");
                measure(longshore);
                figures.told(
                        "with " + containers + " containers as well, after all this",
                        Memory.pss(longshore.pids()) / 1e6,
                        "MB");
                figures.told("the agents then", Memory.pss(nodes.pids()) / 1e6 / agents, "MB each");
            } finally {
                longshore.stop(); // else it removes them all, one by one
            }
        }
    }

    /** Simulated drivers for its own agent, too, and the defaults where a test's Longshore looks more often. */
    private static Map<String, String> environment(DebianRegistry registry) {
        Map<String, String> all = new HashMap<>();
        List.of("EXEC", "GRAPH", "VOLUME", "NETWORK")
                .forEach(driver -> all.put("LONGSHORE_AGENT_DRIVERS_" + driver, "simulated"));
        all.put("LONGSHORE_IMAGE_SYSTEMREGISTRY_ADDRESS", registry.host());
        all.put("LONGSHORE_CONTAINER_RECONCILE_EVERY", "10s");
        all.put("LONGSHORE_CONTAINER_RECONCILE_SWEEPEVERY", "60s");
        all.put("LONGSHORE_CONTAINER_RECONCILE_LEAVEFOR", "60s");
        List.of("IMAGE", "NETWORK", "VOLUME")
                .forEach(service -> all.put("LONGSHORE_" + service + "_SWEEP_EVERY", "30s"));
        return all;
    }

    private static int ready(Standalone longshore) {
        int ready = 0;
        for (var node : longshore.call(Request.get("/nodes")).json()) {
            ready += node.path("Status").path("State").asString().equals("ready") ? 1 : 0;
        }
        return ready;
    }

    private static double since(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    private void measure(Standalone longshore) throws IOException {
        SavedImage image = new SavedImage(
                List.of("fleet:latest"),
                Map.of("Cmd", List.of("serve")),
                List.of(new TarArchive().file("serve", "a program\n").bytes()));
        longshore.call(Request.postTar("/images/load?quiet=1", image.archive())).expect(200);
        Clients clients = new Clients(longshore.socket(), CONNECTIONS);
        int first = Math.min(4 * agents, containers / 2);
        Clients.Outcome warm = create(clients, first);
        figures.told(
                "the first " + first + " creates, which have the image brought to each node and the code compiled",
                warm.rate(),
                "/s");
        Clients.Outcome rest = create(clients, containers - first);
        figures.target(
                "creates over " + CONNECTIONS + " connections, up to " + containers + " containers: placements",
                rest.rate(),
                "/s",
                true,
                1_000);
        figures.times("one of these creates", rest.each());
        int running = containers / 10;
        Clients.Outcome started = clients.send(running, 204, n -> start(ids.get(n)));
        figures.told(running + " of them started over " + CONNECTIONS + " connections", started.rate(), "/s");
        lists(longshore, running);
        Samples inspects = new Clients(longshore.socket(), 1)
                .send(1_000, 200, n -> Request.get("/containers/" + ids.get(n * 7 % ids.size()) + "/json"))
                .each();
        figures.times("inspect of one of " + containers + " containers", inspects);
    }

    private Clients.Outcome create(Clients clients, int count) throws IOException {
        Clients.Outcome outcome = clients.send(
                count,
                201,
                n -> Request.post(
                        "/containers/create",
                        "{\"Image\":\"fleet\",\"Cmd\":[\"serve\"],\"HostConfig\":{\"NetworkMode\":\"none\"}}"));
        for (Response answer : outcome.answers()) {
            ids.add(answer.json().path("Id").asString());
        }
        return outcome;
    }

    private static Request start(String id) {
        return Request.post("/containers/" + id + "/start");
    }

    /** Each is asked for when the one before has come to its last byte. */
    private void lists(Standalone longshore, int running) throws IOException {
        Clients client = new Clients(longshore.socket(), 1);
        Clients.Outcome cold = list(client, 1);
        figures.told(
                "the first `GET /containers/json?all=1` of " + containers + " containers, to the last byte of "
                        + cold.answers().getFirst().body().length / 1_000_000 + " MB",
                cold.each().median(),
                "ms");
        list(client, 5);
        figures.times("the next ones, nothing else going on", times(client));
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger changes = new AtomicInteger();
        long begin = System.nanoTime();
        Thread changing = Thread.ofPlatform().start(() -> change(longshore, running, over, changes));
        try {
            Samples busy = times(client);
            figures.times(
                    String.format("the same while %.0f containers a second are started", changes.get() / since(begin)),
                    busy);
        } finally {
            over.set(true);
            try {
                changing.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Samples times(Clients client) throws IOException {
        Samples all = new Samples();
        for (int i = 0; i < LISTS; i++) {
            all.addAll(list(client, 1).each()); // of which the answers, with 13 MB each, are not kept
        }
        return all;
    }

    private static Clients.Outcome list(Clients client, int count) throws IOException {
        return client.send(count, 200, n -> Request.get("/containers/json?all=1"));
    }

    /** Starts one container after the other, in an even pace. */
    private void change(Standalone longshore, int first, AtomicBoolean over, AtomicInteger changes) {
        Clients client = new Clients(longshore.socket(), 4);
        long begin = System.nanoTime();
        try {
            client.send(containers - first, 204, n -> {
                long due = begin + n * 1_000_000_000L / CHANGES;
                while (!over.get() && System.nanoTime() < due) {
                    LockSupport.parkNanos(1_000_000);
                }
                changes.incrementAndGet();
                // At the end one that runs already is asked for: 304 ends it.
                return start(over.get() ? ids.getFirst() : ids.get(first + n));
            });
        } catch (IOException e) {
            if (!over.get()) {
                System.err.println("longshore bench: changes ended early: " + e.getMessage());
            }
        }
    }
}
