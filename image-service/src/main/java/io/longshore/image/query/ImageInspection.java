package io.longshore.image.query;

import io.longshore.contracts.id.Digest;
import io.longshore.image.store.Image;
import io.longshore.image.store.ImageName;
import io.longshore.image.store.Images;
import io.longshore.image.store.Layers;
import io.longshore.oci.ImageReference;
import io.longshore.oci.manifest.ImageConfiguration;
import io.longshore.platform.engine.ApiVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** One image in full (Engine API: ImageInspect, ImageHistory), as its configuration and our rows tell it. */
@Component
class ImageInspection {
    /** What Docker writes for a time that is not known. */
    private static final String NO_TIME = "0001-01-01T00:00:00Z";

    private final Images images;
    private final Layers layers;

    ImageInspection(Images images, Layers layers) {
        this.images = images;
        this.layers = layers;
    }

    /** GET /images/{name}/json. */
    @Transactional(readOnly = true)
    public Map<String, Object> inspect(String project, ImageName name, ApiVersion version) {
        Image image = images.require(project, name);
        ImageConfiguration read = image.configuration();
        List<ImageReference> names = images.names(image);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("Id", image.id().value());
        fields.put("RepoTags", EngineForms.repoTags(names, ApiVersion.LATEST));
        fields.put("RepoDigests", EngineForms.repoDigests(names, ApiVersion.LATEST));
        fields.put("Parent", image.parent() == null ? "" : image.parent());
        fields.put("Comment", text(read.comment()));
        if (read.created() != null || !version.atLeast(44)) {
            fields.put("Created", read.created() == null ? NO_TIME : read.created());
        }
        EngineForms.container(fields, read.container(), version);
        fields.put("DockerVersion", text(read.dockerVersion()));
        fields.put("Author", text(read.author()));
        fields.put("Config", EngineForms.config(read.config(), version));
        fields.put("Architecture", text(read.architecture()));
        optional(fields, "Variant", read.variant());
        fields.put("Os", read.operatingSystem());
        optional(fields, "OsVersion", read.osVersion());
        fields.put("Size", image.size());
        if (EngineForms.hasVirtualSize(version)) {
            fields.put("VirtualSize", image.size());
        }
        Map<String, Object> driver = new LinkedHashMap<>();
        // Which directories a layer has is the node's own affair, and may differ from node to node.
        driver.put("Data", null);
        driver.put("Name", image.graphDriver());
        fields.put("GraphDriver", driver);
        fields.put("RootFS", rootFs(read.diffIds()));
        fields.put("Metadata", metadata(image.taggedAt(), version));
        return fields;
    }

    private static Map<String, Object> rootFs(List<Digest> diffIds) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("Type", "layers");
        if (!diffIds.isEmpty()) {
            fields.put("Layers", diffIds);
        }
        return fields;
    }

    private static Map<String, Object> metadata(@Nullable Instant taggedAt, ApiVersion version) {
        if (taggedAt != null) {
            return Map.of("LastTagTime", taggedAt.toString());
        }
        return version.atLeast(44) ? Map.of() : Map.of("LastTagTime", NO_TIME);
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    private static void optional(Map<String, Object> fields, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            fields.put(name, value);
        }
    }

    /** GET /images/{name}/history: the steps that made the image, newest first. */
    @Transactional(readOnly = true)
    public List<Map<String, Object>> history(String project, ImageName name) {
        Image image = images.require(project, name);
        List<Long> sizes = layers.sizes(project, image.id());
        List<Map<String, Object>> steps = new ArrayList<>();
        int layer = 0;
        for (ImageConfiguration.History step : image.configuration().steps()) {
            long size = step.emptyLayer() || layer >= sizes.size() ? 0 : sizes.get(layer++);
            steps.addFirst(step(step, size));
        }
        if (!steps.isEmpty()) {
            Map<String, Object> newest = steps.getFirst();
            List<String> tags = EngineForms.repoTags(images.names(image), ApiVersion.LATEST);
            newest.put("Id", image.id().value());
            newest.put("Tags", tags.isEmpty() ? null : tags);
        }
        return steps;
    }

    private static Map<String, Object> step(ImageConfiguration.History step, long size) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("Comment", text(step.comment()));
        fields.put("Created", seconds(step.created()));
        fields.put("CreatedBy", text(step.createdBy()));
        fields.put("Id", "<missing>");
        fields.put("Size", size);
        fields.put("Tags", null);
        return fields;
    }

    private static long seconds(@Nullable String time) {
        Instant read = Image.time(time);
        return read == null ? Instant.parse(NO_TIME).getEpochSecond() : read.getEpochSecond();
    }
}
