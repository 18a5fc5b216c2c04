package io.longshore.container.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.container.placement.Placement.Candidate;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeSpec;
import io.longshore.contracts.fleet.NodeSpec.Availability;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.sample.SampleNodeInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlacementTest {
    private static final long GIB = 1L << 30;
    private static final Reservation NOTHING = new Reservation(0, 0, List.of());

    private static Node node(String name, boolean ready, Availability availability, Map<String, String> labels) {
        return new Node(
                new NodeId(name),
                name,
                "unix:/run/a.sock",
                Map.of("disk", "ssd"),
                SampleNodeInfo.of(),
                Instant.EPOCH,
                ready,
                Instant.EPOCH,
                new NodeSpec(1, availability, labels, Instant.EPOCH));
    }

    private static Candidate with(Node node, long containers, long cpuNanos, long memory) {
        return new Candidate(node, new NodeLoad(containers, cpuNanos, memory), false);
    }

    private static Candidate free(String name) {
        return with(node(name, true, Availability.ACTIVE, Map.of()), 0, 0, 0);
    }

    private static Candidate holding(String name, int containers) {
        return with(node(name, true, Availability.ACTIVE, Map.of()), containers, 0, 0);
    }

    private static Wanted wanted(Strategy strategy, Reservation reservation, String... constraints) {
        List<Constraint> all = Arrays.stream(constraints)
                .flatMap(text -> Constraint.parse(text).stream())
                .toList();
        return new Wanted(all, strategy, reservation, Map.of(), Set.of(), false, null);
    }

    private static Placement choose(Wanted wanted, Candidate... candidates) {
        return Placement.choose(wanted, List.of(candidates), Set.of());
    }

    private static String chosen(Wanted wanted, Candidate... candidates) {
        Node node = choose(wanted, candidates).node();
        return node == null ? "none" : node.name();
    }

    @Test
    void theEmptiestOrTheFullest() {
        Candidate[] all = {holding("a", 3), holding("b", 1), holding("c", 2)};
        assertThat(chosen(wanted(Strategy.SPREAD, NOTHING), all)).isEqualTo("b");
        assertThat(chosen(wanted(Strategy.PACK, NOTHING), all)).isEqualTo("a");
        assertThat(chosen(wanted(Strategy.SPREAD, NOTHING), free("b"), free("a")))
                .isEqualTo("a");
    }

    @Test
    void whatIsReservedCountsByItsShare() {
        long half = SampleNodeInfo.of().memoryBytes() / 2;
        Candidate[] all = {with(free("a").node(), 0, 0, half), holding("b", 2)};
        assertThat(chosen(wanted(Strategy.SPREAD, NOTHING), all)).isEqualTo("b");
        assertThat(chosen(wanted(Strategy.PACK, NOTHING), all)).isEqualTo("a");
    }

    @Test
    void eachFilterSaysWhatItDropped() {
        Placement placement = choose(
                wanted(Strategy.SPREAD, NOTHING, "node.labels.zone==b,node.hostname!=e"),
                with(node("a", false, Availability.ACTIVE, Map.of("zone", "b")), 0, 0, 0),
                with(node("b", true, Availability.PAUSE, Map.of("zone", "b")), 0, 0, 0),
                with(node("c", true, Availability.ACTIVE, Map.of("zone", "c")), 0, 0, 0),
                with(node("d", true, Availability.ACTIVE, Map.of()), 0, 0, 0),
                with(node("e", true, Availability.ACTIVE, Map.of("zone", "B")), 0, 0, 0));
        assertThat(placement.node()).isNull();
        assertThat(placement.explanation())
                .isEqualTo("not ready: 1 of 5 (a); availability pause: 1 of 5 (b);"
                        + " constraint node.labels.zone==b: 2 of 5 (c, d); constraint node.hostname!=e: 1 of 5 (e)");
        assertThat(choose(wanted(Strategy.SPREAD, NOTHING)).explanation()).isEqualTo("no node has joined");
    }

    @Test
    void ofManyNodesSomeAreNamed() {
        List<Candidate> many = IntStream.range(0, 12)
                .mapToObj(n -> with(node("n" + (10 + n), false, Availability.ACTIVE, Map.of()), 0, 0, 0))
                .toList();
        assertThat(Placement.choose(wanted(Strategy.SPREAD, NOTHING), many, Set.of())
                        .explanation())
                .isEqualTo("not ready: 12 of 12 (n10, n11, n12, n13, n14 and 7 more)");
    }

    @Test
    void moreThanIsLeftIsNotReserved() {
        Node node = free("a").node();
        long memory = node.info().memoryBytes();
        long cpus = Reservation.cpuNanos(node);
        Reservation some = new Reservation(1_000_000_000, GIB, List.of());
        assertThat(chosen(wanted(Strategy.SPREAD, some), with(node, 9, cpus - 1_000_000_000, memory - GIB)))
                .isEqualTo("a");
        assertThat(choose(wanted(Strategy.SPREAD, some), with(node, 0, 0, memory - GIB + 1))
                        .explanation())
                .isEqualTo("not enough memory left to reserve: 1 of 1 (a)");
        assertThat(choose(wanted(Strategy.SPREAD, some), with(node, 0, cpus, 0)).explanation())
                .isEqualTo("not enough processors left to reserve: 1 of 1 (a)");
        // Who reserves nothing is not turned away from a full node.
        assertThat(chosen(wanted(Strategy.SPREAD, NOTHING), with(node, 0, cpus, memory)))
                .isEqualTo("a");
    }

    @Test
    void aNodeThatProvedToBeFullIsNotTriedAgain() {
        Placement placement = Placement.choose(
                wanted(Strategy.SPREAD, NOTHING), List.of(free("a"), holding("b", 4)), Set.of(new NodeId("a")));
        assertThat(placement.node()).isEqualTo(holding("b", 4).node());
        assertThat(placement.dropped()).containsOnlyKeys("reserved by others meanwhile");
    }

    @Test
    void whatCannotLeaveItsNodeDecides() {
        Wanted pinned = new Wanted(
                List.of(), Strategy.SPREAD, NOTHING, Map.of("volume data", new NodeId("b")), Set.of(), false, null);
        assertThat(chosen(pinned, free("a"), holding("b", 40))).isEqualTo("b");
        assertThat(choose(pinned, free("a")).explanation()).isEqualTo("volume data is on another node: 1 of 1 (a)");
    }

    @Test
    void whoJoinsAContainerGoesToItsNodeThoughItIsPaused() {
        Candidate paused = with(node("a", true, Availability.PAUSE, Map.of()), 0, 0, 0);
        Map<String, NodeId> pins = Map.of("container web", new NodeId("a"));
        assertThat(chosen(
                        new Wanted(List.of(), Strategy.SPREAD, NOTHING, pins, Set.of(), true, null), paused, free("b")))
                .isEqualTo("a");
        assertThat(chosen(
                        new Wanted(List.of(), Strategy.SPREAD, NOTHING, pins, Set.of(), false, null),
                        paused,
                        free("b")))
                .isEqualTo("none");
    }

    @Test
    void aNodeWithTheImageIsTakenBeforeOneThatIsLittleEmptier() {
        Set<NodeId> there = Set.of(new NodeId("b"));
        Wanted movable = new Wanted(
                List.of(), Strategy.SPREAD, NOTHING, Map.of(), Set.of(), false, new Wanted.ImagePlaces(there, true));
        assertThat(chosen(movable, free("a"), holding("b", 1))).isEqualTo("b");
        assertThat(chosen(movable, free("a"), holding("b", 3))).isEqualTo("a");
        Wanted fixed = new Wanted(
                List.of(), Strategy.SPREAD, NOTHING, Map.of(), Set.of(), false, new Wanted.ImagePlaces(there, false));
        assertThat(chosen(fixed, free("a"), holding("b", 300))).isEqualTo("b");
        assertThat(choose(fixed, free("a")).explanation())
                .isEqualTo("the image is not there, and no system registry has it: 1 of 1 (a)");
    }

    @Test
    void whereAPortIsNamedAlreadyIsTheLastChoice() {
        Candidate taken = new Candidate(free("a").node(), NodeLoad.NONE, true);
        assertThat(chosen(wanted(Strategy.SPREAD, NOTHING), taken, holding("b", 90)))
                .isEqualTo("b");
        assertThat(chosen(wanted(Strategy.SPREAD, NOTHING), taken)).isEqualTo("a");
    }

    @Test
    void manyOnManyNodesComeOutEven() {
        List<Candidate> nodes = new ArrayList<>();
        for (int n = 0; n < 10; n++) {
            nodes.add(free("n" + n));
        }
        Reservation reservation = new Reservation(10_000_000, 1 << 20, List.of());
        for (int n = 0; n < 100; n++) {
            Node node = Placement.choose(wanted(Strategy.SPREAD, reservation), nodes, Set.of())
                    .node();
            nodes.replaceAll(candidate -> candidate.node().equals(node)
                    ? new Candidate(candidate.node(), candidate.load().with(reservation), false)
                    : candidate);
        }
        assertThat(nodes).allMatch(candidate -> candidate.load().containers() == 10);
    }
}
