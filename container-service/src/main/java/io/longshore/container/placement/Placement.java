package io.longshore.container.placement;

import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeSpec.Availability;
import io.longshore.contracts.id.NodeId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the node of a container: a pure function that explains itself.
 *
 * @param node the chosen one, null when none will do
 * @param nodes how many there were
 * @param dropped names of those that will not do, by why, in the order of the filters
 */
public record Placement(@Nullable Node node, int nodes, Map<String, List<String>> dropped) {
    /** Names in an explanation for each reason: a fleet may have thousands. */
    private static final int MOST_NAMES = 5;
    /** Containers that a processor is taken to be good for, where they do not say what they need. */
    private static final double PER_CPU = 50;
    /** To bring an image costs as much as to have so many containers more. */
    private static final int IMAGE = 2;

    /**
     * A node and what is said of it.
     *
     * @param node the node
     * @param load what is on it
     * @param portsTaken whether another container there names one of the same ports
     */
    public record Candidate(Node node, NodeLoad load, boolean portsTaken) {}

    /**
     * The first of those that pass all filters, by the strategy. A port that another container names is no reason to refuse, since one of
     * the two may be stopped, as Compose has it when it makes a container anew; a node where nobody names it comes before.
     *
     * @param full nodes which have proved to be full since their loads were read
     */
    public static Placement choose(Wanted wanted, List<Candidate> candidates, Set<NodeId> full) {
        Map<String, List<String>> dropped = new LinkedHashMap<>();
        List<Candidate> left = new ArrayList<>(candidates);
        for (Function<Candidate, @Nullable String> filter : filters(wanted, full)) {
            left.removeIf(candidate -> {
                String why = filter.apply(candidate);
                if (why != null) {
                    dropped.computeIfAbsent(why, none -> new ArrayList<>()).add(candidate.node.name());
                }
                return why != null;
            });
        }
        Node chosen = left.stream()
                .map(candidate -> new Ranked(candidate, fullness(wanted, candidate)))
                .min(order(wanted.strategy()))
                .map(ranked -> ranked.candidate.node)
                .orElse(null);
        return new Placement(chosen, candidates.size(), dropped);
    }

    /** In the order in which an operator would ask. Each says why it drops a node. */
    private static List<Function<Candidate, @Nullable String>> filters(Wanted wanted, Set<NodeId> full) {
        List<Function<Candidate, @Nullable String>> filters = new ArrayList<>();
        filters.add(candidate -> candidate.node.ready() ? null : "not ready");
        filters.add(candidate -> candidate.node.isSchedulable()
                        || (wanted.joins() && candidate.node.spec().availability() != Availability.DRAIN)
                ? null
                : "availability " + candidate.node.spec().availability().name().toLowerCase(Locale.ROOT));
        for (Constraint constraint : wanted.constraints()) {
            filters.add(candidate -> constraint.holds(candidate.node) ? null : "constraint " + constraint);
        }
        wanted.pins()
                .forEach((what, where) -> filters.add(
                        candidate -> candidate.node.id().equals(where) ? null : what + " is on another node"));
        wanted.traits().forEach(trait -> filters.add(candidate -> trait.of(candidate.node) ? null : trait.missing()));
        Wanted.ImagePlaces image = wanted.image();
        if (image != null && !image.movable()) {
            filters.add(candidate -> image.nodes().contains(candidate.node.id())
                    ? null
                    : "the image is not there, and no system registry has it");
        }
        filters.add(candidate -> lacks(wanted.reservation(), candidate, full));
        return filters;
    }

    private static @Nullable String lacks(Reservation reservation, Candidate candidate, Set<NodeId> full) {
        if (full.contains(candidate.node.id())) {
            return "reserved by others meanwhile";
        }
        long cpu = Reservation.cpuNanos(candidate.node) - candidate.load.cpuNanos();
        if (reservation.cpuNanos() > 0 && reservation.cpuNanos() > cpu) {
            return "not enough processors left to reserve";
        }
        long memory = candidate.node.info().memoryBytes() - candidate.load.memoryBytes();
        if (reservation.memoryBytes() > 0 && reservation.memoryBytes() > memory) {
            return "not enough memory left to reserve";
        }
        return null;
    }

    /** How full a node is is reckoned once, not for each comparison. */
    private record Ranked(Candidate candidate, double fullness) {}

    private static Comparator<Ranked> order(Strategy strategy) {
        Comparator<Ranked> fullness = Comparator.comparingDouble(Ranked::fullness);
        return Comparator.comparing((Ranked ranked) -> ranked.candidate.portsTaken)
                .thenComparing(strategy == Strategy.PACK ? fullness.reversed() : fullness)
                .thenComparing(ranked -> ranked.candidate.node.name());
    }

    /** A share of the node: what is reserved of what it has less of, and what its containers are taken to need. */
    private static double fullness(Wanted wanted, Candidate candidate) {
        Node node = candidate.node;
        NodeLoad load = candidate.load;
        double cpu = (double) load.cpuNanos() / Math.max(1, Reservation.cpuNanos(node));
        double memory = (double) load.memoryBytes() / Math.max(1, node.info().memoryBytes());
        return Math.max(cpu, memory)
                + (load.containers() + image(wanted, node))
                        / (PER_CPU * Math.max(1, node.info().cpus()));
    }

    /** What speaks against a node without the image if the emptiest is wanted, and for one with it if the fullest is. */
    private static int image(Wanted wanted, Node node) {
        Wanted.ImagePlaces image = wanted.image();
        boolean there = image == null || image.nodes().contains(node.id());
        boolean pack = wanted.strategy() == Strategy.PACK;
        return there == pack ? IMAGE : 0;
    }

    /** Which filter dropped how many nodes. */
    public String explanation() {
        if (nodes == 0) {
            return "no node has joined";
        }
        return String.join(
                "; ",
                dropped.entrySet().stream()
                        .map(entry -> entry.getKey() + ": " + entry.getValue().size() + " of " + nodes + " ("
                                + names(entry.getValue()) + ")")
                        .toList());
    }

    private static String names(List<String> names) {
        List<String> sorted = names.stream().sorted().toList();
        return names.size() <= MOST_NAMES
                ? String.join(", ", sorted)
                : String.join(", ", sorted.subList(0, MOST_NAMES)) + " and " + (names.size() - MOST_NAMES) + " more";
    }
}
