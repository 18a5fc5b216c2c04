package io.longshore.oci.archive;

import io.longshore.contracts.id.Digest;
import io.longshore.oci.manifest.ImageConfiguration;
import java.util.List;

/**
 * An image in an archive. Its layers' contents are not yet checked against their diff ids.
 *
 * @param id digest of the configuration
 * @param configJson the configuration, byte for byte
 * @param configuration the same, read
 * @param names references that the archive gives it, as written
 * @param layers lowest first, as many as the configuration has diff ids; perhaps compressed
 */
public record ArchivedImage(
        Digest id, String configJson, ImageConfiguration configuration, List<String> names, List<SpooledFile> layers) {}
