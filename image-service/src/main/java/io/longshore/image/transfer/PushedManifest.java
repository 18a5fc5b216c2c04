package io.longshore.image.transfer;

import io.longshore.contracts.agent.Transfer.PushedLayer;
import io.longshore.contracts.id.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The manifest of what was pushed, as Docker writes it: indented by three spaces. */
public record PushedManifest(String mediaType, String json) {
    private static final String DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
    private static final String OCI = "application/vnd.oci.image.manifest.v1+json";

    /**
     * Of a configuration and layers that the registry has.
     *
     * @param size of the configuration, in bytes
     * @param layers lowest first
     */
    public static PushedManifest of(Digest config, long size, List<PushedLayer> layers) {
        // Docker's own types have no name for zstd.
        boolean docker = layers.stream().allMatch(PushedLayer::gzip);
        String type = docker ? DOCKER : OCI;
        StringBuilder json = new StringBuilder("{\n   \"schemaVersion\": 2,\n   \"mediaType\": \"" + type + "\",\n");
        json.append("   \"config\": ");
        descriptor(
                json,
                "   ",
                docker ? "application/vnd.docker.container.image.v1+json" : "application/vnd.oci.image.config.v1+json",
                size,
                config);
        json.append(",\n   \"layers\": [");
        String next = "\n      ";
        for (PushedLayer layer : layers) {
            json.append(next);
            descriptor(json, "      ", layerType(docker, layer), layer.size(), layer.digest());
            next = ",\n      ";
        }
        json.append(layers.isEmpty() ? "]\n}" : "\n   ]\n}");
        return new PushedManifest(type, json.toString());
    }

    private static String layerType(boolean docker, PushedLayer layer) {
        if (docker) {
            return "application/vnd.docker.image.rootfs.diff.tar.gzip";
        }
        return "application/vnd.oci.image.layer.v1.tar+" + (layer.gzip() ? "gzip" : "zstd");
    }

    private static void descriptor(StringBuilder json, String indent, String type, long size, Digest digest) {
        json.append("{\n")
                .append(indent)
                .append("   \"mediaType\": \"")
                .append(type)
                .append("\",\n");
        json.append(indent).append("   \"size\": ").append(size).append(",\n");
        json.append(indent).append("   \"digest\": \"").append(digest).append("\"\n");
        json.append(indent).append('}');
    }

    /** As it is sent. */
    public byte[] bytes() {
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
