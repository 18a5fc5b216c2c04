package io.longshore.image.place;

import io.longshore.contracts.agent.Transfer.PushedLayer;
import io.longshore.contracts.id.Digest;
import java.util.List;

/**
 * What the system registry has of an image: all of it.
 *
 * @param digest of the manifest
 * @param layers lowest first
 */
record Replica(Digest digest, List<PushedLayer> layers) {}
