package io.longshore.contracts.agent;

import io.longshore.contracts.id.Digest;
import org.jspecify.annotations.Nullable;

/**
 * A layer that a node holds.
 *
 * @param chainId names it together with all under it
 * @param diffId digest of its uncompressed tar
 * @param parent chain id of the layer under it, null for a lowest one
 * @param size unpacked, in bytes
 */
public record HeldLayer(
        Digest chainId, Digest diffId, @Nullable Digest parent, long size) {}
