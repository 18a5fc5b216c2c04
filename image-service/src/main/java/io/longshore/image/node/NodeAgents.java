package io.longshore.image.node;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentApi;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Node;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Parts;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.RunProperties;
import io.longshore.platform.run.ServiceAddresses;
import io.longshore.platform.stream.StreamClient;
import java.util.Comparator;
import org.springframework.stereotype.Component;

/**
 * The agent that keeps the images. There is one node so far, whose content store is the image store; on a fleet a registry will be. Thread-safe.
 */
@Component
public class NodeAgents {
    private final Parts parts;
    private final MutualTls tls;
    private final FleetApi fleet;

    NodeAgents(Parts parts, ServiceAddresses addresses, RunProperties run, MutualTls tls) {
        this.parts = parts;
        this.tls = tls;
        this.fleet = parts.client(FleetApi.class, Part.FLEET.id(), addresses.of(Part.FLEET, run));
    }

    /**
     * A node's agent.
     *
     * @param graphDriver the node's storage driver
     * @param api its commands
     * @param streams its streams
     */
    public record Agent(String graphDriver, AgentApi api, StreamClient streams) {}

    /** The agent; {@link Failure.Unavailable} when no node is ready. */
    public Agent agent(Caller caller) {
        // The one that containers get; where none gets any, images can still be removed, saved and pushed.
        Node node = fleet.nodes(caller).stream()
                .filter(Node::ready)
                .min(Comparator.comparing((Node ready) -> !ready.isSchedulable())
                        .thenComparing(Node::name))
                .orElseThrow(() -> new Failure.Unavailable("no node is ready; see that an agent runs, then try again"));
        Address address = Address.of(node);
        String name = "agent of node " + node.id();
        return new Agent(
                node.info().storageDriver(),
                parts.client(AgentApi.class, name, address),
                new StreamClient(name, () -> address, tls));
    }
}
