package io.longshore.contracts.image;

import io.longshore.contracts.id.Digest;

/** An image that was made of a container, and the name that it got as people write it; empty when it got none. */
public record CommittedImage(Digest id, String name) {}
