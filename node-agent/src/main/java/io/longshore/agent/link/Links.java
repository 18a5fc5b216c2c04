package io.longshore.agent.link;

import io.longshore.agent.etc.HostsFile;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.LinkSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Looks up whom a container is linked to, as they are at that moment. A link to one that has been removed is none. Thread-safe. */
public final class Links {
    /** The other containers of this node. */
    public interface Neighbours {
        /** Null when there is no such container. */
        @Nullable
        Neighbour find(ContainerId id);

        /** Sees to it that those which are linked to this one know where it is now. Waits for none of them. */
        void relink(ContainerId started);
    }

    /** One of them. */
    public record Neighbour(ContainerSpec spec, boolean running) {}

    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Neighbours neighbours;

    /** @param neighbours asked at each look */
    public Links(Neighbours neighbours) {
        this.neighbours = neighbours;
    }

    /**
     * Those of a container that is about to start.
     *
     * @throws Failure.Conflict in Docker's words if one of them does not run, or is not on the default network
     */
    public List<LinkedContainer> required(ContainerSpec spec) {
        List<LinkedContainer> all = new ArrayList<>();
        for (LinkSpec link : spec.network().links()) {
            Neighbour neighbour = neighbours.find(link.container());
            if (neighbour == null) {
                continue;
            }
            if (!neighbour.running()) {
                throw new Failure.Conflict("Cannot link to a non running container: /" + link.name() + " AS /"
                        + spec.name() + "/" + link.alias());
            }
            LinkedContainer linked = LinkedContainer.of(link, neighbour.spec());
            if (linked.addresses().isEmpty()) {
                throw new Failure.Conflict("container " + link.container() + " not attached to default bridge network");
            }
            all.add(linked);
        }
        return all;
    }

    /** Those of a running container that run, too. */
    public List<LinkedContainer> present(ContainerSpec spec) {
        List<LinkedContainer> all = new ArrayList<>();
        for (LinkSpec link : spec.network().links()) {
            Neighbour neighbour = neighbours.find(link.container());
            if (neighbour != null && neighbour.running()) {
                LinkedContainer linked = LinkedContainer.of(link, neighbour.spec());
                if (!linked.addresses().isEmpty()) {
                    all.add(linked);
                }
            }
        }
        return all;
    }

    /** A container runs, and may have another address than before. */
    public void started(ContainerId id) {
        neighbours.relink(id);
    }

    /** Waits until those of a container run that its restart policy is about to start, but no longer than this. */
    public void await(ContainerSpec spec, Duration within) throws InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        while (System.nanoTime() < end && spec.network().links().stream().anyMatch(this::isStopped)) {
            Thread.sleep(PAUSE);
        }
    }

    private boolean isStopped(LinkSpec link) {
        Neighbour neighbour = neighbours.find(link.container());
        return neighbour != null && !neighbour.running();
    }

    /** The lines of these in /etc/hosts. */
    public static List<HostsFile.Entry> hosts(List<LinkedContainer> links) {
        return links.stream().flatMap(link -> link.hosts().stream()).toList();
    }

    /** A running container with what its links add to its environment. */
    public ContainerSpec told(ContainerSpec spec) {
        return told(spec, present(spec));
    }

    /** The container with what its links add to its environment; what it was configured with stands before that. */
    public static ContainerSpec told(ContainerSpec spec, List<LinkedContainer> links) {
        if (links.isEmpty()) {
            return spec;
        }
        List<String> environment = new ArrayList<>(spec.process().environment());
        Set<String> own = environment.stream().map(Links::name).collect(Collectors.toSet());
        Set<String> added = new LinkedHashSet<>();
        for (LinkedContainer link : links) {
            for (String variable : LinkEnvironment.of(spec.name(), link)) {
                if (!own.contains(name(variable))) {
                    added.add(variable);
                }
            }
        }
        environment.addAll(added);
        return spec.process(
                spec.process().environment(List.copyOf(environment)),
                spec.security().capabilities());
    }

    private static String name(String variable) {
        int equals = variable.indexOf('=');
        return equals < 0 ? variable : variable.substring(0, equals);
    }
}
