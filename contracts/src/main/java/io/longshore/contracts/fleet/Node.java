package io.longshore.contracts.fleet;

import io.longshore.contracts.id.NodeId;
import java.time.Instant;
import java.util.Map;

/**
 * A machine of the fleet.
 *
 * @param id its identity
 * @param name its host name
 * @param agentAddress where its agent's API listens
 * @param labels for placement
 * @param info the machine, as it last said
 * @param lastSeen the last heartbeat
 * @param ready whether that is less than 9 s ago
 */
public record Node(
        NodeId id,
        String name,
        String agentAddress,
        Map<String, String> labels,
        NodeInfo info,
        Instant lastSeen,
        boolean ready) {}
