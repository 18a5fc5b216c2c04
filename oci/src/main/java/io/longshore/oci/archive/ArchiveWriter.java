package io.longshore.oci.archive;

import io.longshore.contracts.id.Digest;
import io.longshore.oci.ImageReference;
import io.longshore.oci.tar.TarHeader;
import io.longshore.oci.tar.TarWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes an archive as {@code docker save} does since version 25: an OCI image layout (OCI image spec, image-layout.md) with plain layers,
 * and on top of it {@code manifest.json} and {@code repositories}, by which older readers find the same files. The layers come first, then
 * what explains them. Not thread-safe.
 */
public final class ArchiveWriter {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

    private final OutputStream output;
    private final TarWriter tar;
    private final Set<Digest> written = new HashSet<>();

    /** Writes to {@code output}, which the caller closes. */
    public ArchiveWriter(OutputStream output) throws IOException {
        this.output = output;
        this.tar = new TarWriter(output);
        directory("blobs/");
        directory("blobs/sha256/");
    }

    /**
     * An image.
     *
     * @param id digest of the configuration
     * @param configJson the configuration, byte for byte
     * @param names that it gets, as people write them
     * @param diffIds of its layers, lowest first, each written by {@link #layer}
     */
    public record Image(Digest id, String configJson, List<String> names, List<Digest> diffIds) {}

    /** Writes a layer; an {@link IOException} when it has not got as many bytes as told. */
    public void layer(Digest diffId, long size, InputStream plain) throws IOException {
        entry(path(diffId), TarHeader.Type.FILE, 0644, size);
        byte[] buffer = new byte[128 << 10];
        long left = size;
        for (int n = plain.read(buffer); n >= 0; n = plain.read(buffer)) {
            left -= n;
            if (left < 0) {
                break;
            }
            tar.write(buffer, 0, n);
        }
        if (left != 0) {
            throw new IOException("layer " + diffId + " has not the " + size + " bytes that it had before");
        }
    }

    /** Writes what explains the layers, and ends the archive. */
    public void finish(List<Image> images, Map<Digest, Long> sizes) throws IOException {
        List<Map<String, Object>> index = new ArrayList<>();
        List<Map<String, Object>> items = new ArrayList<>();
        Map<String, Map<String, String>> repositories = new LinkedHashMap<>();
        for (Image image : images) {
            byte[] config = image.configJson.getBytes(StandardCharsets.UTF_8);
            blob(image.id, config);
            byte[] manifest = JSON.writeValueAsBytes(manifest(image, config.length, sizes));
            Digest digest = Digest.of(manifest);
            blob(digest, manifest);
            index.addAll(descriptors(image, digest, manifest.length));
            items.add(item(image));
            image.names.forEach(name -> repository(image, ImageReference.parse(name), repositories));
        }
        Map<String, Object> top = new LinkedHashMap<>();
        top.put("schemaVersion", 2);
        top.put("mediaType", "application/vnd.oci.image.index.v1+json");
        top.put("manifests", index);
        file(OciLayout.INDEX, JSON.writeValueAsBytes(top));
        file(DockerManifest.NAME, JSON.writeValueAsBytes(items));
        file("oci-layout", JSON.writeValueAsBytes(Map.of("imageLayoutVersion", "1.0.0")));
        if (!repositories.isEmpty()) {
            file("repositories", JSON.writeValueAsBytes(repositories));
        }
        tar.finish();
        output.flush();
    }

    private static Map<String, Object> manifest(Image image, int configSize, Map<Digest, Long> sizes) {
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("schemaVersion", 2);
        manifest.put("mediaType", MANIFEST);
        manifest.put("config", descriptor(CONFIG, image.id, configSize));
        manifest.put(
                "layers",
                image.diffIds.stream()
                        .map(diffId -> descriptor(LAYER, diffId, sizes.getOrDefault(diffId, 0L)))
                        .toList());
        return manifest;
    }

    private static Map<String, Object> descriptor(String type, Digest digest, long size) {
        Map<String, Object> descriptor = new LinkedHashMap<>();
        descriptor.put("mediaType", type);
        descriptor.put("digest", digest.value());
        descriptor.put("size", size);
        return descriptor;
    }

    /** One for each name, or one without a name. */
    private static List<Map<String, Object>> descriptors(Image image, Digest digest, int size) {
        List<Map<String, Object>> all = new ArrayList<>();
        List<@Nullable String> names = new ArrayList<>(image.names);
        if (names.isEmpty()) {
            names.add(null);
        }
        for (String name : names) {
            Map<String, Object> descriptor = descriptor(MANIFEST, digest, size);
            if (name != null) {
                ImageReference reference = ImageReference.parse(name);
                Map<String, String> annotations = new LinkedHashMap<>();
                annotations.put(OciLayout.FULL_NAME, reference.toString());
                annotations.put(OciLayout.REF_NAME, String.valueOf(reference.tag()));
                descriptor.put("annotations", annotations);
            }
            all.add(descriptor);
        }
        return all;
    }

    private static Map<String, Object> item(Image image) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("Config", path(image.id));
        item.put("RepoTags", image.names.isEmpty() ? null : image.names);
        item.put("Layers", image.diffIds.stream().map(ArchiveWriter::path).toList());
        return item;
    }

    private static void repository(Image image, ImageReference name, Map<String, Map<String, String>> repositories) {
        if (name.tag() != null && !image.diffIds.isEmpty()) {
            repositories
                    .computeIfAbsent(name.familiarName(), none -> new LinkedHashMap<>())
                    .put(name.tag(), image.diffIds.getLast().hex());
        }
    }

    private static String path(Digest digest) {
        return "blobs/sha256/" + digest.hex();
    }

    private void blob(Digest digest, byte[] bytes) throws IOException {
        if (written.add(digest)) {
            file(path(digest), bytes);
        }
    }

    private void directory(String name) throws IOException {
        entry(name, TarHeader.Type.DIRECTORY, 0755, 0);
    }

    private void file(String name, byte[] bytes) throws IOException {
        entry(name, TarHeader.Type.FILE, 0644, bytes.length);
        tar.write(bytes, 0, bytes.length);
    }

    private void entry(String name, TarHeader.Type type, int mode, long size) throws IOException {
        tar.entry(new TarHeader(name, type, mode, 0, 0, size, Instant.EPOCH, "", 0, 0, Map.of()));
    }
}
