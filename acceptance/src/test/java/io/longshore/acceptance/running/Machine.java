package io.longshore.acceptance.running;

import io.longshore.testbed.engine.Cgroups;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.engine.Supervisors;
import io.longshore.testbed.http.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What a Longshore holds of its machine: a supervisor and a cgroup for each container that runs, a directory and a layer for each one
 * that was started, a directory for each volume; no mount or network namespace outside of running containers.
 */
final class Machine {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
    private static final Set<String> STARTED = Set.of("running", "exited", "removing", "dead", "restarting", "paused");

    /** The sandbox's own and that of its names' server; of the node's, each that goes into others has one for the way back. */
    private static final int MOST_OPEN = 2;

    private Machine() {}

    static void compare(Longshore longshore, JsonNode containers, Differences wrong) {
        Set<String> all = LeakCheck.ids(containers, Set.of());
        Set<String> running = LeakCheck.ids(containers, Set.of("running", "paused"));
        Set<String> sessions = sessions(longshore, running);
        Set<String> started = LeakCheck.ids(containers, STARTED);
        Path work = longshore.work();
        Set<String> directories = names(work.resolve("containers"));
        // A node hears of a container when it is first started there, or attached to.
        wrong.within("directories of containers", directories, all);
        wrong.within("missing directories of containers", started, directories);
        wrong.within("layers of containers", names(longshore.layers().resolve("containers")), all);
        Set<String> supervised = Supervisors.of(longshore.cgroup()).stream()
                .map(Supervisors.Supervisor::container)
                .collect(Collectors.toSet());
        wrong.same("supervisors", supervised, union(running, sessions));
        Set<String> cgroups = new HashSet<>();
        for (Path directory : Cgroups.below(longshore.cgroup())) {
            cgroups.addAll(ids(directory.getFileName().toString()));
        }
        wrong.same("cgroups", cgroups, running);
        Set<String> volumes = names(work.resolve("volumes"));
        wrong.within("directories of volumes", volumes, volumes(longshore));
        // One whose create was cut off gets its directory with its first container.
        wrong.within(
                "missing directories of volumes",
                usedVolumes(longshore, running).stream()
                        .map(Path::of)
                        .filter(place -> place.startsWith(work.resolve("volumes")))
                        .map(place -> work.resolve("volumes")
                                .relativize(place)
                                .getName(0)
                                .toString())
                        .collect(Collectors.toSet()),
                volumes);
        Set<String> known = union(all, sessions);
        wrong.within(
                "names in the agent's run directory",
                names(longshore.agentRun()).stream()
                        .filter(name -> !known.containsAll(ids(name)))
                        .collect(Collectors.toSet()),
                Set.of());
        wrong.within("half made trees", matching(longshore.layers(), "tmp-.*"), Set.of());
        wrong.within("half received content", names(work.resolve("content/ingest")), Set.of());
        wrong.within("mounts", mounts(longshore, running), Set.of());
        Map<String, Integer> open = openNamespaces(longshore.agentPid());
        // One for each container that has its own, those that are prepared, the next one of these, and the node's.
        int most = running.size() + Longshore.PREPARED_SANDBOXES + 2;
        wrong.within("namespaces held open by the agent", open.size() > most ? open.keySet() : Set.of(), Set.of());
        wrong.within(
                "namespaces held open more than " + MOST_OPEN + " times by the agent",
                open.keySet().stream()
                        .filter(namespace -> open.getOrDefault(namespace, 0) > MOST_OPEN)
                        .collect(Collectors.toSet()),
                Set.of());
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> both = new HashSet<>(one);
        both.addAll(other);
        return both;
    }

    /** The exec sessions that run. */
    private static Set<String> sessions(Longshore longshore, Set<String> running) {
        Set<String> ids = new HashSet<>();
        for (String container : running) {
            for (JsonNode id : longshore
                    .call(Request.get("/containers/" + container + "/json"))
                    .json()
                    .path("ExecIDs")) {
                ids.add(id.asString());
            }
        }
        return ids;
    }

    static Set<String> volumes(Longshore longshore) {
        Set<String> names = new HashSet<>();
        for (JsonNode volume : longshore.call(Request.get("/volumes")).json().path("Volumes")) {
            if (volume.path("Driver").asString().equals("local")) {
                names.add(volume.path("Name").asString());
            }
        }
        return names;
    }

    /**
     * Below the work or run directory in the mount namespaces of the host, of the agent, and of the supervisors, which began in one of an earlier
     * life of the agent; and of no running container.
     */
    private static Set<String> mounts(Longshore longshore, Set<String> running) {
        Set<String> found = new HashSet<>();
        List<Long> pids = new ArrayList<>(List.of(longshore.agentPid()));
        Supervisors.of(longshore.cgroup()).forEach(supervisor -> pids.add(supervisor.pid()));
        pids.add(ProcessHandle.current().pid());
        Set<String> wanted = usedVolumes(longshore, running);
        for (long pid : pids) {
            String table = "/proc/" + pid + "/mounts";
            try {
                for (String line : Files.readAllLines(Path.of(table))) {
                    String point = line.split(" ")[1];
                    boolean ours =
                            point.startsWith(longshore.work() + "/") || point.startsWith(longshore.agentRun() + "/");
                    if (ours && !wanted.contains(point) && running.stream().noneMatch(point::contains)) {
                        found.add(table + ": " + point);
                    }
                }
            } catch (IOException e) {
                // It has ended meanwhile.
                if (pid == longshore.agentPid()) {
                    found.add("no " + table);
                }
            }
        }
        return found;
    }

    /** Where volumes of running containers are, on which the node may have mounted what they are made of. */
    private static Set<String> usedVolumes(Longshore longshore, Set<String> running) {
        Set<String> places = new HashSet<>();
        for (String container : running) {
            longshore
                    .call(Request.get("/containers/" + container + "/json"))
                    .json()
                    .path("Mounts")
                    .forEach(mount -> places.add(mount.path("Source").asString()));
        }
        return places;
    }

    /** How often each is open: one without processes and mounts lives on as long as somebody has it open. */
    private static Map<String, Integer> openNamespaces(long pid) {
        Map<String, Integer> open = new HashMap<>();
        for (String fd : names(Path.of("/proc/" + pid + "/fd"))) {
            try {
                String target = Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd", fd))
                        .toString();
                if (target.startsWith("net:[") || target.startsWith("mnt:[")) {
                    open.merge(target, 1, Integer::sum);
                }
            } catch (IOException e) {
                // Closed meanwhile.
            }
        }
        return open;
    }

    static Set<String> matching(Path directory, String pattern) {
        return names(directory).stream().filter(name -> name.matches(pattern)).collect(Collectors.toSet());
    }

    /** The names in a directory; none if it is not there. */
    static Set<String> names(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(path -> path.getFileName().toString()).collect(Collectors.toSet());
        } catch (NoSuchFileException e) {
            return Set.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Set<String> ids(String text) {
        return ID.matcher(text).results().map(match -> match.group()).collect(Collectors.toSet());
    }
}
