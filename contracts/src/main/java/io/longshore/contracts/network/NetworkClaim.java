package io.longshore.contracts.network;

import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.NodeId;

/**
 * A wish for an endpoint.
 *
 * @param owner who will use it
 * @param node where the container is placed
 * @param network name or id: a predefined one such as {@code bridge}, or one of the project
 */
public record NetworkClaim(Owner owner, NodeId node, String network) {}
