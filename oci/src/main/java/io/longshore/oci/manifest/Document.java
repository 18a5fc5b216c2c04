package io.longshore.oci.manifest;

import io.longshore.contracts.error.Failure;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A document that a reference or a descriptor can lead to: an index of images, or the manifest of one. */
public sealed interface Document {
    /** Media types of an index. */
    Set<String> INDEX_TYPES = Set.of(
            "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json");
    /** Media types of a manifest. */
    Set<String> MANIFEST_TYPES = Set.of(
            "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json");

    /** Images for several platforms, or several images (OCI image spec, image-index.md). */
    record Index(@Nullable String mediaType, List<Descriptor> manifests) implements Document {}

    /** One image (OCI image spec, manifest.md); layers lowest first. */
    record Manifest(@Nullable String mediaType, Descriptor config, List<Descriptor> layers) implements Document {
        /** The second of Docker's was never standardised; tools before 1.12 wrote the last. */
        private static final Set<String> CONFIG_TYPES = Set.of(
                "application/vnd.oci.image.config.v1+json",
                "application/vnd.docker.container.image.v1+json",
                "application/octet-stream");

        private static final Set<String> LAYER_PREFIXES =
                Set.of("application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs.");

        /**
         * Refuses what is no image for containers, such as a chart or a signature, with {@link Failure.Invalid}.
         *
         * @param where put before the message
         */
        public void requireImage(String where) {
            if (config.mediaType() != null && !CONFIG_TYPES.contains(config.mediaType())) {
                throw new Failure.Invalid(
                        where + config.digest() + " is no image configuration but " + config.mediaType());
            }
            for (Descriptor layer : layers) {
                String type = layer.mediaType();
                if (type != null && LAYER_PREFIXES.stream().noneMatch(type::startsWith)) {
                    throw new Failure.Invalid(where + layer.digest() + " is no layer but " + type);
                }
            }
        }
    }

    /**
     * Reads a document. {@link Failure.Invalid} when it is larger than {@link ImageJson#MAX_BYTES}, nested too deep, could be taken for
     * both kinds (CVE-2021-41190), or is not of the media type under which it was found.
     *
     * @param name what to call it in messages
     * @param expectedType the media type of its descriptor or of the HTTP answer, or null
     */
    static Document parse(String name, byte[] bytes, @Nullable String expectedType) {
        JsonNode root = ImageJson.tree(name, bytes);
        boolean index = has(root, "manifests");
        boolean manifest = has(root, "layers") || has(root, "config") || has(root, "fslayers");
        if (index == manifest) {
            throw new Failure.Invalid(name + " is " + (index ? "both" : "neither") + " an image index "
                    + (index ? "and" : "nor") + " an image manifest");
        }
        String ownType = root.path("mediaType").asString(null);
        Stream.of(ownType, expectedType).forEach(type -> checkType(name, index, type));
        if (ownType != null && expectedType != null && !ownType.equals(expectedType)) {
            throw new Failure.Invalid(name + " says mediaType " + ownType + " but was found as " + expectedType);
        }
        if (!root.path("schemaVersion").isInt() || root.path("schemaVersion").intValue() != 2) {
            throw new Failure.Invalid(name + ": unsupported schemaVersion " + root.path("schemaVersion") + ", want 2");
        }
        return index ? ImageJson.read(name, root, Index.class) : ImageJson.read(name, root, Manifest.class);
    }

    private static void checkType(String name, boolean index, @Nullable String type) {
        if (type == null) {
            return;
        }
        if (!(index ? INDEX_TYPES : MANIFEST_TYPES).contains(type)) {
            throw new Failure.Invalid(
                    name + " is an image " + (index ? "index" : "manifest") + " but its media type is " + type);
        }
    }

    /** Go's decoders ignore case, so other tools may see {@code Layers} where ours would not: neither spelling may confuse. */
    private static boolean has(JsonNode root, String field) {
        return root.propertyNames().stream()
                .anyMatch(name -> name.toLowerCase(Locale.ROOT).equals(field));
    }
}
