package io.longshore.contracts.agent;

import io.longshore.contracts.id.Digest;

/**
 * A layer in a registry.
 *
 * @param digest of the blob, as its manifest has it
 * @param size of the blob in bytes
 * @param diffId digest of its uncompressed tar, as the image's configuration has it
 */
public record RemoteLayer(Digest digest, long size, Digest diffId) {}
