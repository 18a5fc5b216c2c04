package io.longshore.contracts.claim;

import io.longshore.contracts.id.ContainerId;

/**
 * Who holds a claim on an image, a volume or a network.
 *
 * @param container the container
 * @param generation which life of the container row made the claim: 1 at create, one more each time claims are taken anew
 */
public record Owner(ContainerId container, int generation) {}
