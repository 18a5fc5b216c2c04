package io.longshore.contracts.agent;

import io.longshore.contracts.id.Digest;

/** A layer in its place: the chain id of the stack up to it and its own diff id (OCI image spec, config.md, Layer ChainID). */
public record LayerRef(Digest chainId, Digest diffId) {}
