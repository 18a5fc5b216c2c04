package io.longshore.contracts.agent;

import io.longshore.contracts.id.Digest;
import java.util.List;

/**
 * An image that an agent has taken in from an archive; its layers are unpacked and synced.
 *
 * @param id digest of the configuration
 * @param configJson the configuration, byte for byte
 * @param names references that the archive gives it, not normalised; may be empty
 * @param layers lowest first
 */
public record LoadedImage(Digest id, String configJson, List<String> names, List<LoadedLayer> layers) {
    /** A layer: its place, and its size unpacked in bytes. */
    public record LoadedLayer(Digest chainId, Digest diffId, long size) {}
}
