package io.longshore.acceptance.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Fleet;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.process.Await;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** Compares what clients were told, what each gateway lists, and what the nodes run. */
final class Judge {
    /** Longer than ports are held for a start of which nothing more is heard. */
    private static final Duration PORTS = Duration.ofSeconds(150);

    private final Fleet fleet;

    Judge(Fleet fleet) {
        this.fleet = fleet;
    }

    /** Waits until nothing is wrong, and says how long that took; fails with what still is. */
    Duration await(List<Entry> entries, Duration atMost) {
        long began = System.nanoTime();
        List<String> wrong = wrong(entries);
        while (!wrong.isEmpty() && System.nanoTime() - began < atMost.toNanos()) {
            LockSupport.parkNanos(200_000_000);
            wrong = wrong(entries);
        }
        assertThat(wrong).as("what is wrong after %s", atMost).isEmpty();
        return Duration.ofNanos(System.nanoTime() - began);
    }

    /**
     * Waits until entries hold the ports of what runs elsewhere, and no others.
     *
     * @param excused whose ports may be held, too, as those of starts of which nothing more was heard are for a while
     */
    void awaitPorts(Set<String> excused) {
        for (String entry : Fleet.ENTRIES) {
            Set<String> publishing = publishing(entry);
            Set<String> held = Await.answer(PORTS, () -> held(entry, excused, publishing), publishing::equals);
            assertThat(held).as("of which ports are held at %s", entry).isEqualTo(publishing);
        }
    }

    private Set<String> held(String entry, Set<String> excused, Set<String> publishing) {
        Set<String> held = new TreeSet<>(fleet.node(entry).forwards());
        held.removeIf(id -> excused.contains(id) && !publishing.contains(id));
        return held;
    }

    /** What runs on other nodes with ports. */
    private Set<String> publishing(String entry) {
        Map<String, List<String>> running = fleet.running();
        Set<String> publishing = new TreeSet<>();
        for (JsonNode container :
                fleet.engine(0).call(Request.get("/containers/json")).json()) {
            String id = container.path("Id").asString();
            if (!container.path("Ports").isEmpty()
                    && !running.getOrDefault(id, List.of()).contains(entry)) {
                publishing.add(id);
            }
        }
        return publishing;
    }

    List<String> wrong(List<Entry> entries) {
        List<String> wrong = new ArrayList<>();
        Map<String, String> first = null;
        for (int replica = 0; replica < Fleet.REPLICAS; replica++) {
            Map<String, String> listed = listed(replica, wrong);
            if (first == null) {
                first = listed;
            } else if (!listed.equals(first)) {
                wrong.add("gateway " + replica + " lists " + less(listed, first) + " where the first one lists "
                        + less(first, listed));
            }
        }
        if (first != null) {
            compare(entries, first, wrong);
            compare(first, wrong);
        }
        return wrong;
    }

    /** The states of all containers by their ids. */
    private Map<String, String> listed(int replica, List<String> wrong) {
        Map<String, String> states = new TreeMap<>();
        try {
            Response list = fleet.engine(replica).call(Request.get("/containers/json?all=1"));
            if (list.status() != 200) {
                wrong.add("gateway " + replica + " lists nothing: " + list.text());
                return states;
            }
            for (JsonNode container : list.json()) {
                states.put(
                        container.path("Id").asString(), container.path("State").asString());
            }
        } catch (UncheckedIOException e) {
            wrong.add("gateway " + replica + " does not answer: "
                    + String.valueOf(e.getMessage()).lines().findFirst());
        }
        return states;
    }

    private static Map<String, String> less(Map<String, String> all, Map<String, String> others) {
        Map<String, String> left = new TreeMap<>(all);
        left.entrySet().removeAll(others.entrySet());
        return left;
    }

    /** What was answered is so. */
    private static void compare(List<Entry> entries, Map<String, String> listed, List<String> wrong) {
        for (Entry entry : entries) {
            if (entry.id.isEmpty()) {
                continue;
            }
            String state = listed.get(entry.id);
            if (entry.there() && state == null) {
                wrong.add("lost: " + entry);
            } else if (entry.gone() && state != null) {
                wrong.add("still " + state + ": " + entry);
            } else if (state != null && entry.runs() && !state.equals("running")) {
                wrong.add(state + " and not running: " + entry);
            } else if (state != null && entry.rests() && state.equals("running")) {
                wrong.add("running: " + entry);
            }
        }
    }

    /** What is listed as running has one supervisor on one node, and nothing else has any. */
    private void compare(Map<String, String> listed, List<String> wrong) {
        Map<String, List<String>> running = fleet.running();
        running.forEach((id, nodes) -> {
            if (nodes.size() > 1) {
                wrong.add("runs " + nodes.size() + " times, on " + nodes + ": " + id);
            }
            if (!listed.getOrDefault(id, "").equals("running")) {
                wrong.add("runs on " + nodes + " and is " + listed.get(id) + ": " + id);
            }
        });
        for (String id : new TreeSet<>(listed.keySet())) {
            if ("running".equals(listed.get(id)) && !running.containsKey(id)) {
                wrong.add("is listed as running and runs nowhere: " + id);
            } else if (!List.of("running", "exited", "created").contains(String.valueOf(listed.get(id)))) {
                wrong.add("is " + listed.get(id) + ": " + id);
            }
        }
    }
}
