package io.longshore.oci.registry;

import io.longshore.contracts.id.Digest;
import io.longshore.oci.manifest.Document;

/**
 * A document as a registry gave it, checked against what it was asked for.
 *
 * @param mediaType as the registry says
 * @param digest of its bytes
 * @param size in bytes
 * @param document what they say
 */
public record RemoteManifest(String mediaType, Digest digest, int size, Document document) {}
