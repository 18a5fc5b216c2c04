package io.longshore.oci.archive;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.manifest.ImageJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code manifest.json} of {@code docker save}: which files make which image. */
final class DockerManifest {
    static final String NAME = "manifest.json";

    /** Names that say the content's digest: a layout's blobs, and {@code <id>.json} of older archives. */
    private static final Pattern DIGEST_NAME = Pattern.compile("(?:blobs/sha256/)?([0-9a-f]{64})(?:\\.json)?");

    private DockerManifest() {}

    /** One image; {@code Layers} lowest first. */
    private record Item(
            @JsonProperty("Config") @Nullable String config,
            @JsonProperty("RepoTags") @Nullable List<String> repoTags,
            @JsonProperty("Layers") @Nullable List<String> layers) {}

    static void read(Spool spool, SpooledFile manifest, ImageCollection images) throws IOException {
        Item[] items = ImageJson.read(NAME, spool.document(NAME, manifest), Item[].class);
        for (Item item : items) {
            if (item == null || item.config == null || item.config.isEmpty()) {
                throw new Failure.Invalid("invalid image archive: " + NAME + " has an image without Config");
            }
            List<SpooledFile> layers = new ArrayList<>();
            for (String layer : orEmpty(item.layers)) {
                layers.add(named(spool, layer));
            }
            images.add(item.config, named(spool, item.config), orEmpty(item.repoTags), layers);
        }
    }

    private static SpooledFile named(Spool spool, String name) {
        SpooledFile file = spool.require(name);
        Matcher matcher = DIGEST_NAME.matcher(name);
        if (matcher.matches()) {
            Spool.requireDigest(name, file, Digest.ofHex(matcher.group(1)));
        }
        return file;
    }

    private static List<String> orEmpty(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }
}
