package io.longshore.volume;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentApi;
import io.longshore.contracts.agent.PluginVolume;
import io.longshore.contracts.agent.PluginVolumes;
import io.longshore.contracts.agent.VolumeOptions;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.client.Parts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Makes, measures and removes volumes' data on nodes, by their agents. All may be repeated. */
@Component
class NodeVolumes {
    private static final Logger LOG = LoggerFactory.getLogger(NodeVolumes.class);
    /** For measuring all volumes of a list. */
    private static final Duration MEASURE = Duration.ofSeconds(40);
    /** Agents asked at once by one list; each walks for two at a time. */
    private static final int AT_ONCE = 16;

    private final FleetApi fleet;
    private final Parts parts;

    NodeVolumes(FleetApi fleet, Parts parts) {
        this.fleet = fleet;
        this.parts = parts;
    }

    void create(Caller caller, Volume volume) {
        create(caller, volume.place(), volume.name(), volume.driver(), volume.driverOptions());
    }

    /** {@code NotFound} when the node has no such driver. */
    void create(Caller caller, NodeId node, String name, String driver, Map<String, String> options) {
        try {
            agent(caller, node).createVolume(caller, name, new VolumeOptions(driver, options));
        } catch (Failure.NotFound e) {
            throw new Failure.NotFound("create " + name + ": " + e.text(), e);
        }
    }

    /** What the plugin says of a volume, or the first that has it if {@code driver} is empty; empty when there is none. */
    Optional<PluginVolume> plugged(Caller caller, NodeId node, String name, String driver) {
        return agent(caller, node).pluginVolume(caller, name, driver).stream().findFirst();
    }

    /** What all plugins of a node say of all volumes. */
    PluginVolumes allPlugged(Caller caller, Node node) {
        return agent(node).pluginVolumes(caller);
    }

    /** The nodes that there are. */
    List<Node> all(Caller caller) {
        return fleet.nodes(caller);
    }

    /** Nothing happens for one that never had a node. */
    void remove(Caller caller, Volume volume) {
        if (volume.node() != null) {
            agent(caller, volume.node()).removeVolume(caller, volume.name(), volume.driver());
        }
    }

    /** The one node that takes containers, where every new volume will be; null when a volume's first use decides. */
    @Nullable
    NodeId only(Caller caller) {
        List<Node> all = fleet.nodes(caller);
        List<Node> taking = all.stream().filter(Node::isSchedulable).toList();
        List<Node> candidates = taking.isEmpty() ? all : taking;
        return candidates.size() == 1 ? candidates.getFirst().id() : null;
    }

    /** Bytes of each volume by name; one that its node cannot measure in time is left out and logged. */
    Map<String, Long> sizes(Caller caller, List<Volume> volumes) {
        if (volumes.isEmpty()) {
            return Map.of();
        }
        Caller limited = caller.within(MEASURE);
        Map<NodeId, AgentApi> agents = agents(caller);
        Map<String, Long> sizes = new ConcurrentHashMap<>();
        Semaphore places = new Semaphore(AT_ONCE);
        List<Thread> asking = volumes.stream()
                .map(volume -> Thread.ofVirtual().name("volume-size").start(() -> {
                    places.acquireUninterruptibly();
                    try {
                        NodeId node = volume.node();
                        AgentApi agent = node == null ? null : agents.get(node);
                        if (agent != null) {
                            sizes.put(volume.name(), agent.volumeSize(limited, volume.name(), volume.driver()));
                        }
                    } catch (Failure e) {
                        LOG.warn("volume {} is listed without its size: {}", volume.name(), e.text());
                    } finally {
                        places.release();
                    }
                }))
                .toList();
        try {
            for (Thread one : asking) {
                one.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("stopping: ask again in a moment", e);
        }
        return sizes;
    }

    private Map<NodeId, AgentApi> agents(Caller caller) {
        return fleet.nodes(caller).stream()
                .collect(Collectors.toMap(Node::id, node -> parts.agent(AgentApi.class, () -> node)));
    }

    /** The directory below which each node keeps its volumes. */
    Map<NodeId, String> dataRoots(Caller caller) {
        return dataRoots(fleet.nodes(caller));
    }

    static Map<NodeId, String> dataRoots(List<Node> nodes) {
        return nodes.stream()
                .collect(Collectors.toMap(Node::id, node -> node.info().dataRoot()));
    }

    private AgentApi agent(Caller caller, NodeId id) {
        return agent(node(caller, id));
    }

    private AgentApi agent(Node node) {
        return parts.agent(AgentApi.class, () -> node);
    }

    private Node node(Caller caller, NodeId id) {
        return fleet.nodes(caller).stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new Failure.Unavailable("node " + id + " is not known to the fleet"));
    }
}
