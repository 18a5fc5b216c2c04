package io.longshore.contracts.image;

import io.longshore.contracts.claim.Owner;

/**
 * A wish for an image.
 *
 * @param owner who will use it
 * @param image a reference, an id or a prefix of an id, as the client wrote it
 */
public record ImageClaim(Owner owner, String image) {}
