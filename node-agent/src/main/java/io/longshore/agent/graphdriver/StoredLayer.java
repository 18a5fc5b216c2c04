package io.longshore.agent.graphdriver;

import io.longshore.contracts.id.Digest;
import org.jspecify.annotations.Nullable;

/**
 * An unpacked layer.
 *
 * @param chainId names it together with all under it
 * @param diffId digest of its uncompressed tar
 * @param parent chain id of the layer under it, null for a lowest one
 * @param size sum of its files' sizes in bytes
 */
public record StoredLayer(
        Digest chainId, Digest diffId, @Nullable Digest parent, long size) {}
