package io.longshore.acceptance.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.engine.Cgroups;
import io.longshore.acceptance.engine.Longshore;
import io.longshore.acceptance.engine.Supervisors;
import io.longshore.acceptance.http.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Compares what a Longshore holds of the machine with what its list of containers implies: a supervisor and a cgroup for each one
 * that runs, a directory for each one that was started, no mount of a container's that the agent or the host sees but does not run.
 */
public final class LeakCheck {
    /** What is released after the answer (a cgroup's last process, a directory in the trash) may take a moment. */
    private static final Duration SETTLE = Duration.ofSeconds(20);

    private LeakCheck() {}

    /** Waits until what is held is what is implied, and fails with the difference if it does not get there. */
    public static void check(Longshore longshore) {
        long end = System.nanoTime() + SETTLE.toNanos();
        Map<String, Set<String>> wrong = differences(longshore);
        while (!wrong.isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(100_000_000);
            wrong = differences(longshore);
        }
        assertThat(wrong)
                .as("what %s holds beyond or short of its list of containers", longshore.name())
                .isEmpty();
    }

    private static Map<String, Set<String>> differences(Longshore longshore) {
        Set<String> all = new HashSet<>();
        Set<String> running = new HashSet<>();
        Set<String> started = new HashSet<>();
        for (var container :
                longshore.call(Request.get("/containers/json?all=1")).json()) {
            String id = container.path("Id").asString();
            all.add(id);
            if (!container.path("State").asString().equals("created")) {
                started.add(id);
            }
            if (container.path("State").asString().equals("running")) {
                running.add(id);
            }
        }
        Map<String, Set<String>> wrong = new TreeMap<>();
        Set<String> directories = ids(names(longshore.work().resolve("containers")));
        // A node hears of a container when it is first started there, or attached to.
        note(wrong, "directories of what is gone", minus(directories, all), Set.of());
        note(wrong, "directories of what was started", minus(started, directories), Set.of());
        Set<String> supervised = new HashSet<>();
        Supervisors.of(longshore.work()).forEach(supervisor -> supervised.add(supervisor.container()));
        note(wrong, "supervisors", supervised, running);
        Set<String> ever = everCreated(longshore);
        Set<String> leftSupervisors = new HashSet<>();
        Supervisors.all().stream()
                .map(Supervisors.Supervisor::container)
                .filter(ever::contains)
                .forEach(leftSupervisors::add);
        note(wrong, "supervisors of what is gone", minus(leftSupervisors, running), Set.of());
        Set<String> cgroups = new HashSet<>();
        for (Path directory : Cgroups.below("/longshore")) {
            cgroups.addAll(ids(List.of(directory.getFileName().toString())));
        }
        cgroups.retainAll(ever);
        note(wrong, "cgroups", cgroups, running);
        note(wrong, "mounts", mounts(longshore, running), Set.of());
        note(wrong, "names in the agent's run directory", minus(ids(names(longshore.agentRun())), all), Set.of());
        return wrong;
    }

    private static Set<String> minus(Set<String> from, Set<String> what) {
        Set<String> rest = new HashSet<>(from);
        rest.removeAll(what);
        return rest;
    }

    private static void note(Map<String, Set<String>> wrong, String kind, Set<String> held, Set<String> implied) {
        Set<String> difference = new HashSet<>(minus(held, implied));
        minus(implied, held).forEach(missing -> difference.add("missing " + missing));
        if (!difference.isEmpty()) {
            wrong.put(kind, difference);
        }
    }

    /** From the events, which are kept: several Longshores may share a machine, so that others' cgroups are none of ours. */
    private static Set<String> everCreated(Longshore longshore) {
        String filters = URLEncoder.encode("{\"type\":[\"container\"],\"event\":[\"create\"]}", StandardCharsets.UTF_8);
        String until = String.valueOf(System.currentTimeMillis() / 1000 + 1);
        String events = longshore
                .call(Request.get("/events?since=1&until=" + until + "&filters=" + filters))
                .text();
        return ids(List.of(events));
    }

    /** Mounts below the work or run directory in the host's or the agent's namespace that belong to no running container. */
    private static Set<String> mounts(Longshore longshore, Set<String> running) {
        Set<String> found = new HashSet<>();
        for (String table : List.of("/proc/self/mounts", "/proc/" + longshore.agentPid() + "/mounts")) {
            try {
                for (String line : Files.readAllLines(Path.of(table))) {
                    String point = line.split(" ")[1];
                    boolean ours = point.startsWith(longshore.work() + "/containers")
                            || point.startsWith(longshore.work() + "/overlay2/")
                            || point.startsWith(longshore.agentRun().toString());
                    if (ours && running.stream().noneMatch(point::contains)) {
                        found.add(table + ": " + point);
                    }
                }
            } catch (NoSuchFileException e) {
                found.add("no " + table);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }

    private static List<String> names(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return new ArrayList<>(
                    entries.map(path -> path.getFileName().toString()).toList());
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> ids(List<String> names) {
        Set<String> ids = new HashSet<>();
        for (String name : names) {
            var matcher = java.util.regex.Pattern.compile("[0-9a-f]{64}").matcher(name);
            while (matcher.find()) {
                ids.add(matcher.group());
            }
        }
        return ids;
    }
}
