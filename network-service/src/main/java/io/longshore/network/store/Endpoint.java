package io.longshore.network.store;

import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.NodeId;
import io.longshore.network.definition.Network;
import java.time.Instant;

/**
 * What one life of a container has on a network.
 *
 * @param owner whose it is
 * @param id 64 hexadecimal digits
 * @param network the network
 * @param node where the container is
 * @param since when it was claimed
 */
public record Endpoint(Owner owner, String id, Network network, NodeId node, Instant since) {}
