package io.longshore.testbed.image;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * An image as {@code docker save} writes it (Docker Image Specification v1.2: manifest.json, one configuration, layer archives),
 * made in memory.
 *
 * @param tags full references, for example {@code busybox:latest}
 * @param config the {@code config} object of the image configuration: Env, Cmd, Entrypoint, User, Labels ...
 * @param layers uncompressed tar archives, the lowest first
 */
public record SavedImage(List<String> tags, Map<String, Object> config, List<byte[]> layers) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** The archive. */
    public byte[] archive() {
        return archive(layers.stream().map(SavedImage::digest).toList());
    }

    /** The archive with a configuration that names the given layer digests, right or wrong. */
    public byte[] archive(List<String> diffIds) {
        byte[] configuration = configuration(diffIds);
        String id = digest(configuration);
        TarArchive archive = new TarArchive();
        List<String> names = new ArrayList<>();
        for (byte[] layer : layers) {
            String folder = digest(layer);
            archive.directory(folder + "/", 0755)
                    .file(folder + "/VERSION", "1.0")
                    .file(folder + "/layer.tar", 0644, layer);
            names.add(folder + "/layer.tar");
        }
        archive.file(id + ".json", 0644, configuration);
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("Config", id + ".json");
        manifest.put("RepoTags", tags);
        manifest.put("Layers", names);
        return archive.file("manifest.json", 0644, JSON.writeValueAsBytes(List.of(manifest)))
                .bytes();
    }

    /** The image's id: the digest of its configuration. */
    public String id() {
        return "sha256:"
                + digest(configuration(layers.stream().map(SavedImage::digest).toList()));
    }

    private byte[] configuration(List<String> diffIds) {
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("architecture", "amd64");
        whole.put("os", "linux");
        whole.put("created", "2024-01-02T03:04:05Z");
        whole.put("config", config);
        whole.put(
                "rootfs",
                Map.of(
                        "type",
                        "layers",
                        "diff_ids",
                        diffIds.stream().map(d -> "sha256:" + d).toList()));
        List<Map<String, Object>> history = new ArrayList<>();
        for (int i = 0; i < diffIds.size(); i++) {
            history.add(Map.of("created", "2024-01-02T03:04:05Z", "created_by", "layer " + i));
        }
        whole.put("history", history);
        return JSON.writeValueAsBytes(whole);
    }

    /** The lower-case hexadecimal SHA-256 of the bytes. */
    public static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
