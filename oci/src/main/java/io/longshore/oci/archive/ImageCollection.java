package io.longshore.oci.archive;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.manifest.ImageConfiguration;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The images that an archive's documents name. One configuration is one image, however often it is named: it is read and kept once, with
 * all the names that it is given. Not thread-safe.
 */
final class ImageCollection {
    /** With {@code LayerChain.MAX_LAYERS} layers each, what an agent answers about them stays under its limit. */
    private static final int MAX_IMAGES = 200;

    private final Spool spool;
    private final Map<Digest, ArchivedImage> images = new LinkedHashMap<>();

    ImageCollection(Spool spool) {
        this.spool = spool;
    }

    /** Adds an image, or names to one that is there. */
    void add(String configName, SpooledFile config, List<String> names, List<SpooledFile> layers) throws IOException {
        ArchivedImage known = images.get(config.digest());
        if (known == null) {
            if (images.size() == MAX_IMAGES) {
                throw new Failure.Invalid("invalid image archive: more than " + MAX_IMAGES + " images, \"" + configName
                        + "\" is one too many");
            }
            images.put(config.digest(), read(configName, config, names, layers));
            return;
        }
        requireSameLength(configName, known.diffIds(), layers);
        images.put(config.digest(), known.withNames(joined(known.names(), names)));
    }

    private static List<String> joined(List<String> some, List<String> more) {
        return Stream.concat(some.stream(), more.stream()).distinct().toList();
    }

    private ArchivedImage read(String configName, SpooledFile config, List<String> names, List<SpooledFile> layers)
            throws IOException {
        byte[] bytes = spool.document(configName, config);
        List<Digest> diffIds = ImageConfiguration.parse("image configuration \"" + configName + "\"", bytes)
                .diffIds();
        requireSameLength(configName, diffIds, layers);
        return new ArchivedImage(
                config.digest(), text(configName, bytes), diffIds, List.copyOf(names), List.copyOf(layers));
    }

    private static void requireSameLength(String configName, List<Digest> diffIds, List<SpooledFile> layers) {
        if (diffIds.size() != layers.size()) {
            throw new Failure.Invalid("invalid manifest, layers length mismatch: expected " + diffIds.size() + ", got "
                    + layers.size() + " (\"" + configName + "\")");
        }
    }

    /** The text whose UTF-8 bytes are exactly these, so that the configuration can be kept as text and still have its digest. */
    private static String text(String configName, byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Failure.Invalid("image configuration \"" + configName + "\" is not UTF-8", e);
        }
    }

    /** In the order in which they were first named. */
    List<ArchivedImage> all() {
        return List.copyOf(images.values());
    }
}
