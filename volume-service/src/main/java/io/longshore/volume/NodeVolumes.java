package io.longshore.volume;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentApi;
import io.longshore.contracts.agent.VolumeOptions;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Parts;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Makes and removes volumes' data on nodes, by their agents. Both may be repeated. */
@Component
class NodeVolumes {
    private final FleetApi fleet;
    private final Parts parts;

    NodeVolumes(FleetApi fleet, Parts parts) {
        this.fleet = fleet;
        this.parts = parts;
    }

    void create(Caller caller, Volume volume) {
        agent(caller, volume.node()).createVolume(caller, volume.name(), new VolumeOptions(volume.driver(), Map.of()));
    }

    void remove(Caller caller, Volume volume) {
        agent(caller, volume.node()).removeVolume(caller, volume.name(), volume.driver());
    }

    /** The directory below which each node keeps its volumes. */
    Map<NodeId, String> dataRoots(Caller caller) {
        return fleet.nodes(caller).stream()
                .collect(Collectors.toMap(Node::id, node -> node.info().dataRoot()));
    }

    private AgentApi agent(Caller caller, NodeId id) {
        return parts.client(
                AgentApi.class,
                "agent of node " + id,
                Address.parse(node(caller, id).agentAddress()));
    }

    private Node node(Caller caller, NodeId id) {
        return fleet.nodes(caller).stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new Failure.Unavailable("node " + id + " is not known to the fleet"));
    }
}
