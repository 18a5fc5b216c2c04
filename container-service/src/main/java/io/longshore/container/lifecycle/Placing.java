package io.longshore.container.lifecycle;

import io.longshore.container.placement.ApiSocket;
import io.longshore.container.placement.Constraint;
import io.longshore.container.placement.Loads;
import io.longshore.container.placement.NodeLoad;
import io.longshore.container.placement.Nodes;
import io.longshore.container.placement.Placement;
import io.longshore.container.placement.PlacementProperties;
import io.longshore.container.placement.Reservation;
import io.longshore.container.placement.Trait;
import io.longshore.container.placement.Wanted;
import io.longshore.container.request.PlacementOptions;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.NodeFull;
import io.longshore.container.state.Reserving;
import io.longshore.contracts.Caller;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.contracts.network.NetworkApi;
import io.longshore.contracts.network.NetworkPlaces;
import io.longshore.contracts.volume.VolumeApi;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * Finds out what a new container wants of its node, and has {@link Placement} choose. Where there is one node alone nobody is asked where
 * anything lies.
 */
@Component
@EnableConfigurationProperties(PlacementProperties.class)
public class Placing {
    /** How often a node may prove to be full until the search ends. */
    public static final int MOST_ATTEMPTS = 16;

    private static final Reservation NOTHING = new Reservation(0, 0, List.of());

    private final Nodes nodes;
    private final Loads loads;
    private final VolumeApi volumes;
    private final NetworkApi networks;
    private final PlacementProperties properties;

    Placing(Nodes nodes, Loads loads, VolumeApi volumes, NetworkApi networks, PlacementProperties properties) {
        this.nodes = nodes;
        this.loads = loads;
        this.volumes = volumes;
        this.networks = networks;
        this.properties = properties;
    }

    /** The search for one container's node. For one thread. */
    public final class Search {
        private final Wanted wanted;
        private final Reservation reservation;
        private final Set<NodeId> full = new HashSet<>();
        private final Set<NodeId> naming;
        private final Map<NodeId, String> unfit = new LinkedHashMap<>();

        private Search(Wanted wanted, Reservation reservation, Set<NodeId> naming) {
            this.reservation = reservation;
            this.wanted = wanted;
            this.naming = naming;
        }

        /** A node to try; {@link Failure.Unavailable} says why there is none, as fleet-service has it now. */
        public Node next(Caller caller) {
            Placement placement = choose(nodes.all(caller));
            if (placement.node() == null) {
                placement = choose(nodes.latest(caller));
            }
            Node node = placement.node();
            if (node == null) {
                throw new Failure.Unavailable("no suitable node: " + explanation(placement));
            }
            return node;
        }

        private String explanation(Placement placement) {
            String others = String.join("; ", unfit.values());
            return unfit.isEmpty() || placement.nodes() > 0
                    ? placement.explanation() + (unfit.isEmpty() ? "" : "; " + others)
                    : others;
        }

        private Placement choose(List<Node> all) {
            Map<NodeId, NodeLoad> now = all.size() > 1 ? loads.all() : Map.of();
            return Placement.choose(
                    wanted,
                    all.stream()
                            .filter(node -> !unfit.containsKey(node.id()))
                            .map(node -> new Placement.Candidate(
                                    node, now.getOrDefault(node.id(), NodeLoad.NONE), naming.contains(node.id())))
                            .toList(),
                    full);
        }

        /** What the row of a container on this node reserves there. */
        public Reserving on(Caller caller, Node node) {
            loads.placed(node.id(), reservation);
            boolean checked = nodes.all(caller).size() > 1;
            return new Reserving(
                    reservation,
                    checked,
                    Reservation.cpuNanos(node),
                    node.info().memoryBytes(),
                    checked && !naming.contains(node.id()));
        }

        /** Whether its image has to be brought to the node. */
        boolean lacksImage(Node node) {
            Wanted.ImagePlaces image = wanted.image();
            return image != null && !image.nodes().contains(node.id());
        }

        /** Whether another container there names a port that this one names. */
        public boolean isPortNamed(NodeId node) {
            return naming.contains(node);
        }

        /** The node will not do, for a reason that its load has nothing to do with. */
        public void unfit(Node node, String why) {
            unfit.put(node.id(), why + " (" + node.name() + ")");
        }

        /** The node has proved not to have what was to be reserved. */
        public void refused(NodeId node, NodeFull why) {
            (why.isOfPorts() ? naming : full).add(node);
        }
    }

    /** Whether a container that cannot be on one node may be on another. */
    boolean isChoice(Caller caller) {
        return nodes.all(caller).size() > 1;
    }

    /**
     * Begins a search.
     *
     * @param request as the client sent it
     * @param joined the containers that it joins, whose node it needs
     */
    Search search(Caller caller, CreateRequest request, Map<String, ContainerRow> joined, ClaimedImage image) {
        PlacementOptions options = PlacementOptions.of(request);
        List<Node> all = nodes.all(caller);
        Map<String, NodeId> pins = new LinkedHashMap<>();
        joined.values().forEach(row -> pins.put("container " + row.name(), row.node()));
        Set<NodeId> naming = new HashSet<>();
        Set<Trait> traits = EnumSet.noneOf(Trait.class);
        if (all.size() > 1) {
            if (!options.volumes().isEmpty()) {
                pin(pins, "volume", volumes.places(caller, Set.copyOf(options.volumes())));
            }
            if (!options.networks().isEmpty()) {
                NetworkPlaces places = networks.places(caller, Set.copyOf(options.networks()));
                pin(pins, "network", places.nodes());
                if (!places.spanning().isEmpty()) {
                    traits.add(Trait.DATA_ADDRESS);
                }
            }
            if (options.binds().stream().anyMatch(source -> ApiSocket.isMeant(source, all))) {
                traits.add(Trait.API_SOCKET);
            }
            checkBinds(options, all, pins, traits);
            naming.addAll(loads.naming(options.reservation().hostPorts()));
        }
        Wanted wanted = new Wanted(
                options.constraints(),
                options.strategy() == null ? properties.strategyOrDefault() : options.strategy(),
                // One machine alone takes what it is given, as Docker does.
                all.size() > 1 ? options.reservation() : NOTHING,
                pins,
                traits,
                !joined.isEmpty(),
                all.size() > 1 ? places(image) : null);
        return new Search(wanted, options.reservation(), naming);
    }

    /**
     * Begins a search for another node for a container that is there and that nothing keeps where it is.
     *
     * @param request that of its row
     * @param image as claimed for it
     */
    public Search away(Caller caller, CreateRequest request, ClaimedImage image) {
        PlacementOptions options = PlacementOptions.of(request);
        boolean spanned = !options.networks().isEmpty()
                && !networks.places(caller, Set.copyOf(options.networks()))
                        .spanning()
                        .isEmpty();
        Wanted wanted = new Wanted(
                options.constraints(),
                options.strategy() == null ? properties.strategyOrDefault() : options.strategy(),
                options.reservation(),
                Map.of(),
                spanned ? Set.of(Trait.DATA_ADDRESS) : Set.of(),
                false,
                places(image));
        return new Search(
                wanted,
                options.reservation(),
                new HashSet<>(loads.naming(options.reservation().hostPorts())));
    }

    /** Of one that nobody is said to hold (yet, after an upgrade) the nodes know more: it is tried. */
    private static Wanted.ImagePlaces places(ClaimedImage image) {
        return new Wanted.ImagePlaces(
                Set.copyOf(image.nodes()), image.movable() || image.nodes().isEmpty());
    }

    private static void pin(Map<String, NodeId> pins, String kind, Map<String, NodeId> places) {
        places.forEach((name, node) -> pins.put(kind + " " + name, node));
    }

    /** A path of the host is another thing on each node. */
    private static void checkBinds(
            PlacementOptions options, List<Node> all, Map<String, NodeId> pins, Set<Trait> traits) {
        long taking = all.stream().filter(Node::isSchedulable).count();
        boolean decided =
                taking < 2 || !pins.isEmpty() || options.constraints().stream().anyMatch(Constraint::isNode);
        List<String> binds = options.binds();
        if (traits.contains(Trait.API_SOCKET)) {
            // It leads to the same engine on each node that has it.
            decided |= all.stream().filter(Trait.API_SOCKET::of).count() == 1;
            binds = binds.stream()
                    .filter(source -> !ApiSocket.isMeant(source, all))
                    .toList();
        }
        if (!decided && !binds.isEmpty()) {
            throw new Failure.Invalid("cannot mount " + binds.getFirst() + " of the host: the fleet has " + taking
                    + " nodes that take containers, and each has another; say which one is meant with the label "
                    + PlacementOptions.CONSTRAINT + "=node.hostname==NAME, or use a volume");
        }
    }
}
