package io.longshore.contracts.image;

import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.NodeId;

/**
 * Where an image is to be.
 *
 * @param owner who has claimed it
 * @param node that is to hold its layers
 */
public record ImagePlace(Owner owner, NodeId node) {}
