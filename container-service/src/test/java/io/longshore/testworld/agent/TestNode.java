package io.longshore.testworld.agent;

import io.longshore.contracts.Caller;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.contracts.fleet.NodeSpec;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.run.Listener;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.web.bind.annotation.RestController;

/** One node: the fleet that has it and its agent, on one socket. */
@LongshoreService(Part.AGENT)
public class TestNode {
    /** The fleet. */
    @RestController
    public static class Fleet implements FleetApi {
        private final Listener listener;
        private final Map<String, NodeSpec> wanted = new ConcurrentHashMap<>();
        private final Set<String> down = ConcurrentHashMap.newKeySet();
        private final List<Node> others = new CopyOnWriteArrayList<>();

        Fleet(Listener listener) {
            this.listener = listener;
        }

        @Override
        public void heartbeat(Caller caller, NodeId id, Heartbeat heartbeat) {
            throw new UnsupportedOperationException("nobody sends one here");
        }

        /** Whether there is another node, {@code boat}, which is down. */
        public void second(boolean now) {
            others.removeIf(node -> node.name().equals("boat"));
            if (now) {
                others.add(new Node(
                        NodeId.parse("node-2"),
                        "boat",
                        "unix:/nowhere/agent.sock",
                        Map.of(),
                        info().dataAddress("192.0.2.2"),
                        Instant.now(),
                        false));
            }
        }

        /** What an operator wants of a node from now on. */
        public void want(String node, NodeSpec.Availability availability, Instant since) {
            wanted.put(node, new NodeSpec(2, availability, Map.of(), since));
        }

        /** Whether a node is said to be down from now on. */
        public void down(String node, boolean now) {
            if (now) {
                down.add(node);
            } else {
                down.remove(node);
            }
        }

        private Node now(Node node) {
            NodeSpec spec = wanted.getOrDefault(node.name(), node.spec());
            return new Node(
                    node.id(),
                    node.name(),
                    node.agentAddress(),
                    node.labels(),
                    node.info(),
                    node.lastSeen(),
                    node.ready() && !down.contains(node.name()),
                    node.joined(),
                    new NodeSpec(
                            spec.version(), spec.availability(), node.spec().labels(), spec.updated()));
        }

        /** A node that is one no longer. */
        public void leave(String name) {
            others.removeIf(node -> node.name().equals(name));
        }

        /** Another node, which is there from now on. */
        public void join(Node node) {
            others.add(node);
        }

        @Override
        public List<Node> nodes(Caller caller) {
            List<Node> all = new ArrayList<>(others);
            all.add(new Node(
                    NodeId.parse("node-1"),
                    "ship",
                    "unix:" + listener.socket(),
                    Map.of(),
                    info().dataAddress("192.0.2.1")
                            .apiSocket("/run/longshore/longshore.sock")
                            .entry(false),
                    Instant.now(),
                    true));
            return all.stream().map(this::now).toList();
        }

        /** Of every node. */
        public static NodeInfo info() {
            return new NodeInfo(
                    2,
                    8L << 30,
                    "6.18.0",
                    "Debian GNU/Linux 12 (bookworm)",
                    "12",
                    "linux",
                    "x86_64",
                    1,
                    "cgroupfs",
                    "overlay2",
                    List.of(),
                    List.of("json-file", "none"),
                    List.of("host", "null"),
                    List.of("local"),
                    List.of("longshore"),
                    "longshore",
                    List.of(),
                    "",
                    "/var/lib/longshore",
                    List.of(
                            "memoryLimit",
                            "swapLimit",
                            "memoryReservation",
                            "memorySwappiness",
                            "oomKillDisable",
                            "cpuShares",
                            "cpuCfsQuota",
                            "cpuset",
                            "pidsLimit",
                            "blkioRates"),
                    List.of(),
                    List.of("CAP_SYS_RESOURCE"),
                    null,
                    null,
                    null,
                    null);
        }
    }
}
