package io.longshore.image.distribution;

import io.longshore.contracts.agent.RemoteLayer;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.ImageReference;
import io.longshore.oci.manifest.Descriptor;
import io.longshore.oci.manifest.Document;
import io.longshore.oci.manifest.ImageConfiguration;
import io.longshore.oci.manifest.ImageJson;
import io.longshore.oci.registry.RegistryClient;
import io.longshore.oci.registry.RemoteManifest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a reference leads to in a registry, all but the layers' bytes.
 *
 * @param top digest of the document that the reference leads to: perhaps an index
 * @param id digest of the configuration
 * @param configJson the configuration, byte for byte
 * @param configuration what it says
 * @param layers lowest first
 */
record RemoteImage(
        Digest top, Digest id, String configJson, ImageConfiguration configuration, List<RemoteLayer> layers) {
    /** An index in an index is all that tools write. */
    private static final int MAX_DEPTH = 4;

    /** Finds the image for a platform, with every document checked against what led to it. */
    static RemoteImage find(RegistryClient registry, ImageReference reference, Platform platform) {
        RemoteManifest top = document(registry, reference);
        RemoteManifest at = top;
        for (int depth = 0; at.document() instanceof Document.Index index; depth++) {
            if (depth == MAX_DEPTH) {
                throw new Failure.Invalid(
                        "image " + reference.familiar() + ": indexes are nested more than " + MAX_DEPTH + " deep");
            }
            at = child(registry, platform.choose(index));
        }
        Document.Manifest manifest = (Document.Manifest) at.document();
        manifest.requireImage("image " + reference.familiar() + ": ");
        return of(registry, top.digest(), manifest);
    }

    /** What the reference itself leads to. */
    static RemoteManifest document(RegistryClient registry, ImageReference reference) {
        Digest digest = reference.digest();
        return digest == null
                ? registry.manifest(Objects.requireNonNullElse(reference.tag(), ImageReference.DEFAULT_TAG))
                : registry.manifest(digest);
    }

    private static RemoteManifest child(RegistryClient registry, Descriptor descriptor) {
        RemoteManifest found = registry.manifest(descriptor.digest());
        String type = descriptor.mediaType();
        if (type != null && !type.equals(found.mediaType())) {
            throw new Failure.Invalid("manifest " + found.digest() + " is of media type " + found.mediaType()
                    + ", but its index says " + type);
        }
        if (found.size() != descriptor.size()) {
            throw new Failure.Invalid("manifest " + found.digest() + " has " + found.size()
                    + " bytes, but its index says " + descriptor.size());
        }
        return found;
    }

    private static RemoteImage of(RegistryClient registry, Digest top, Document.Manifest manifest) {
        Descriptor config = manifest.config();
        byte[] bytes = configuration(registry, config);
        String json = text(config.digest(), bytes);
        ImageConfiguration read = ImageConfiguration.parse("image configuration " + config.digest(), bytes);
        List<Digest> diffIds = read.diffIds();
        if (diffIds.size() != manifest.layers().size()) {
            throw new Failure.Invalid("layers from manifest don't match image configuration " + config.digest() + ": "
                    + manifest.layers().size() + " and " + diffIds.size());
        }
        List<RemoteLayer> layers = new ArrayList<>();
        for (int i = 0; i < diffIds.size(); i++) {
            Descriptor layer = manifest.layers().get(i);
            layers.add(new RemoteLayer(layer.digest(), size(layer), diffIds.get(i)));
        }
        return new RemoteImage(top, config.digest(), json, read, layers);
    }

    private static long size(Descriptor layer) {
        if (layer.size() < 0) {
            throw new Failure.Invalid("layer " + layer.digest() + " has size " + layer.size());
        }
        return layer.size();
    }

    private static byte[] configuration(RegistryClient registry, Descriptor config) {
        if (config.size() < 0 || config.size() > ImageJson.MAX_BYTES) {
            throw new Failure.Invalid("image configuration " + config.digest() + " has " + config.size()
                    + " bytes, at most " + ImageJson.MAX_BYTES + " are allowed");
        }
        byte[] bytes = registry.document(config.digest(), (int) config.size());
        if (bytes.length != config.size() || !Digest.of(bytes).equals(config.digest())) {
            throw new Failure.Invalid("image config verification failed for digest " + config.digest());
        }
        return bytes;
    }

    private static String text(Digest id, byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Failure.Invalid("image configuration " + id + " is not UTF-8", e);
        }
    }
}
