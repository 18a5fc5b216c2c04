package io.longshore.oci.manifest;

import io.longshore.contracts.id.Digest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names content (OCI image spec, descriptor.md).
 *
 * @param mediaType what the content is; null in some hand-made layouts
 * @param digest of the content
 * @param size of the content in bytes
 * @param annotations free data
 * @param platform for which an image in an index is made
 */
public record Descriptor(
        @Nullable String mediaType,
        Digest digest,
        long size,
        @Nullable Map<String, String> annotations,
        @Nullable Platform platform) {

    /** The annotation, or null. */
    public @Nullable String annotation(String key) {
        return annotations == null ? null : annotations.get(key);
    }

    /** Where an image runs (OCI image spec, image-index.md). */
    public record Platform(
            @Nullable String architecture,
            @Nullable String os,
            @Nullable String variant) {}
}
