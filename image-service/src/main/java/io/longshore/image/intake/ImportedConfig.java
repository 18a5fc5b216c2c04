package io.longshore.image.intake;

import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.image.ImageConfig;
import io.longshore.platform.web.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an import says of the image to make.
 *
 * @param message becomes the comment
 * @param architecture such as {@code amd64}
 * @param config the defaults for containers
 */
public record ImportedConfig(String message, String architecture, ImageConfig config) {
    /** The image of this one layer: its configuration document (OCI image spec, config.md), and the id that follows from it. */
    LoadedImage image(LoadedLayer layer, Instant created) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("architecture", architecture);
        document.put("comment", message);
        document.put("config", config);
        document.put("created", created.toString());
        document.put("history", List.of(Map.of("created", created.toString(), "comment", message)));
        document.put("os", "linux");
        document.put(
                "rootfs",
                Map.of("type", "layers", "diff_ids", List.of(layer.diffId().value())));
        byte[] json = Json.bytes(document);
        return new LoadedImage(Digest.of(json), new String(json, StandardCharsets.UTF_8), List.of(), List.of(layer));
    }
}
