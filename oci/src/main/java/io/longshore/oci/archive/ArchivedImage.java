package io.longshore.oci.archive;

import io.longshore.contracts.id.Digest;
import java.util.List;

/**
 * An image in an archive. Its layers' contents are not yet checked against their diff ids.
 *
 * @param id digest of the configuration
 * @param configJson the configuration, byte for byte
 * @param diffIds of the layers, lowest first, as the configuration has them
 * @param names references that the archive gives it, as written
 * @param layers lowest first, as many as there are diff ids; perhaps compressed
 */
public record ArchivedImage(
        Digest id, String configJson, List<Digest> diffIds, List<String> names, List<SpooledFile> layers) {
    ArchivedImage withNames(List<String> others) {
        return new ArchivedImage(id, configJson, diffIds, others, layers);
    }
}
