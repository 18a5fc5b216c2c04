package io.longshore.testnode.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.run.Listener;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** The fleet of one node and the network paths of its agent. */
@LongshoreService(Part.AGENT)
public class TestNode {
    /** Both, on one socket. */
    @RestController
    public static class Networks implements FleetApi {
        private final Listener listener;
        private final Map<String, NetworkSpec> made = new ConcurrentHashMap<>();
        private final Set<String> routes = ConcurrentHashMap.newKeySet();
        private volatile boolean away;
        private volatile boolean keeps;
        private volatile boolean second;
        private volatile String secondAgent = "";
        private volatile List<String> addresses = List.of();

        Networks(Listener listener) {
            this.listener = listener;
        }

        /** The networks on the node, by id. */
        public Map<String, NetworkSpec> made() {
            return made;
        }

        /** What the node was told to make. */
        public NetworkSpec spec(String id) {
            return Objects.requireNonNull(made.get(id), id);
        }

        /** Subnets that the node routes elsewhere. */
        public Set<String> routes() {
            return routes;
        }

        /** Whether its agent answers nothing from now on. */
        public void away(boolean now) {
            away = now;
        }

        /** Whether its agent removes nothing from now on. */
        public void keeps(boolean now) {
            keeps = now;
        }

        /** Where the nodes reach each other, from the first on; none for those that are left. */
        public void addresses(String... now) {
            addresses = List.of(now);
        }

        /** Whether there is another node, of the same agent. */
        public void second(boolean now) {
            second = now;
            secondAgent = "unix:" + listener.socket();
        }

        /** There is another node, of that agent. */
        public void second(Path socket) {
            second = true;
            secondAgent = "unix:" + socket;
        }

        @PutMapping("/agent/networks/{id}")
        void create(@PathVariable String id, @RequestBody NetworkSpec network) {
            answers();
            for (NetworkSpec.Subnet subnet : network.subnets()) {
                if (routes.contains(subnet.range())) {
                    throw new Failure.Conflict("subnet " + subnet.range() + " overlaps with a route of the node");
                }
            }
            made.putIfAbsent(id, network);
        }

        @DeleteMapping("/agent/networks/{id}")
        void remove(@PathVariable String id) {
            answers();
            if (keeps) {
                throw new Failure.Unavailable("the node is busy");
            }
            made.remove(id);
        }

        private void answers() {
            if (away) {
                throw new Failure.Unavailable("the node is away");
            }
        }

        @Override
        public void heartbeat(Caller caller, NodeId id, Heartbeat heartbeat) {
            throw new UnsupportedOperationException("nobody sends one here");
        }

        private NodeInfo facts(NodeInfo info, int index) {
            return index < addresses.size() ? info.dataAddress(addresses.get(index)) : info;
        }

        @Override
        public List<Node> nodes(Caller caller) {
            NodeInfo info = new NodeInfo(
                    2,
                    8L << 30,
                    "6.18.0",
                    "Debian",
                    "12",
                    "linux",
                    "x86_64",
                    1,
                    "cgroupfs",
                    "overlay2",
                    List.of(),
                    List.of(),
                    List.of("bridge"),
                    List.of(),
                    List.of(),
                    "longshore",
                    List.of(),
                    "",
                    "/var/lib/longshore",
                    List.of(),
                    List.of(),
                    List.of(),
                    null,
                    null,
                    null,
                    null);
            return Stream.of("node-1", "node-2")
                    .filter(id -> second || id.equals("node-1"))
                    .map(id -> new Node(
                            NodeId.parse(id),
                            "ship-" + id,
                            id.equals("node-1") ? "unix:" + listener.socket() : secondAgent,
                            Map.of(),
                            facts(info, id.equals("node-1") ? 0 : 1),
                            Instant.now(),
                            true))
                    .toList();
        }
    }
}
