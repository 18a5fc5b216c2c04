package io.longshore.contracts.fleet;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.longshore.contracts.id.NodeId;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * A machine of the fleet.
 *
 * @param id its identity
 * @param name its host name
 * @param agentAddress where its agent's API listens
 * @param labels that its own configuration gives it
 * @param info the machine, as it last said
 * @param lastSeen the last heartbeat
 * @param ready whether that is less than 9 s ago
 * @param joined the first heartbeat
 * @param spec what an operator wants of it
 */
public record Node(
        NodeId id,
        String name,
        String agentAddress,
        Map<String, String> labels,
        NodeInfo info,
        Instant lastSeen,
        boolean ready,
        Instant joined,
        NodeSpec spec) {
    public Node {
        // A fleet-service of before does not say.
        joined = Objects.requireNonNullElse(joined, lastSeen);
        spec = Objects.requireNonNullElse(spec, NodeSpec.DEFAULT);
    }

    /** A node of which nobody wanted anything yet. */
    public Node(
            NodeId id,
            String name,
            String agentAddress,
            Map<String, String> labels,
            NodeInfo info,
            Instant lastSeen,
            boolean ready) {
        this(id, name, agentAddress, labels, info, lastSeen, ready, lastSeen, NodeSpec.DEFAULT);
    }

    /** Whether it takes new containers. */
    @JsonIgnore
    public boolean isSchedulable() {
        return ready && spec.availability() == NodeSpec.Availability.ACTIVE;
    }
}
