package io.longshore.contracts.network;

import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.NodeId;

/**
 * What a container has of networks, on its way to another node.
 *
 * @param from who has it: a container in one generation
 * @param to who is to have it: the same container in another one
 * @param node where that one is
 * @param ahead whether it is only seen to that it could be
 */
public record EndpointMove(Owner from, Owner to, NodeId node, boolean ahead) {}
