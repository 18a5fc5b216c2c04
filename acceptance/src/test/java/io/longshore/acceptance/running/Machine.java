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
import java.util.HashSet;
import java.util.List;
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
        wrong.within("layers of containers", names(work.resolve("overlay2/containers")), all);
        Set<String> supervised = Supervisors.of(longshore.cgroup()).stream()
                .map(Supervisors.Supervisor::container)
                .collect(Collectors.toSet());
        wrong.same("supervisors", supervised, union(running, sessions));
        Set<String> cgroups = new HashSet<>();
        for (Path directory : Cgroups.below(longshore.cgroup())) {
            cgroups.addAll(ids(directory.getFileName().toString()));
        }
        wrong.same("cgroups", cgroups, running);
        wrong.same("directories of volumes", names(work.resolve("volumes")), volumes(longshore));
        Set<String> known = union(all, sessions);
        wrong.within(
                "names in the agent's run directory",
                names(longshore.agentRun()).stream()
                        .filter(name -> !known.containsAll(ids(name)))
                        .collect(Collectors.toSet()),
                Set.of());
        wrong.within("half made trees", matching(work.resolve("overlay2"), "tmp-.*"), Set.of());
        wrong.within("half received content", names(work.resolve("content/ingest")), Set.of());
        wrong.within("mounts", mounts(longshore, running), Set.of());
        Set<String> open = openNamespaces(longshore.agentPid());
        // One for each container that has its own, those that are prepared, the next one of these, and the node's.
        int most = running.size() + Longshore.PREPARED_SANDBOXES + 2;
        wrong.within("namespaces held open by the agent", open.size() > most ? open : Set.of(), Set.of());
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

    private static Set<String> volumes(Longshore longshore) {
        Set<String> names = new HashSet<>();
        for (JsonNode volume : longshore.call(Request.get("/volumes")).json().path("Volumes")) {
            if (volume.path("Driver").asString().equals("local")) {
                names.add(volume.path("Name").asString());
            }
        }
        return names;
    }

    /** Below the work or run directory in the host's or the agent's mount namespace, and of no running container. */
    private static Set<String> mounts(Longshore longshore, Set<String> running) {
        Set<String> found = new HashSet<>();
        for (String table : List.of("/proc/self/mounts", "/proc/" + longshore.agentPid() + "/mounts")) {
            try {
                for (String line : Files.readAllLines(Path.of(table))) {
                    String point = line.split(" ")[1];
                    boolean ours =
                            point.startsWith(longshore.work() + "/") || point.startsWith(longshore.agentRun() + "/");
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

    /** A namespace without processes and mounts lives on as long as somebody has it open. */
    private static Set<String> openNamespaces(long pid) {
        Set<String> open = new HashSet<>();
        for (String fd : names(Path.of("/proc/" + pid + "/fd"))) {
            try {
                String target = Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd", fd))
                        .toString();
                if (target.startsWith("net:[") || target.startsWith("mnt:[")) {
                    open.add(fd + " " + target);
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
