package io.longshore.image.distribution;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.PushRequest;
import io.longshore.contracts.agent.Transfer;
import io.longshore.contracts.agent.Transfer.PushedLayer;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.image.intake.ImageWriter;
import io.longshore.image.node.NodeAgents;
import io.longshore.image.store.Attempts;
import io.longshore.oci.ImageReference;
import io.longshore.oci.registry.RegistryClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;

/** One push: of a tag, or of all tags of a repository. */
final class Push {
    private final ImageReference name;
    private final @Nullable RegistryLogin login;
    private final RegistryAccess access;
    private final List<Item> items;
    private final NodeAgents.Agent agent;
    private final ImageWriter writer;

    /**
     * A tag and its image.
     *
     * @param mountFrom repositories of the same registry that may have the layers
     */
    record Item(ImageReference name, Digest id, String configJson, List<Digest> diffIds, List<String> mountFrom) {}

    Push(
            ImageReference name,
            @Nullable RegistryLogin login,
            RegistryAccess access,
            List<Item> items,
            NodeAgents.Agent agent,
            ImageWriter writer) {
        this.name = name;
        this.login = login;
        this.access = access;
        this.items = items;
        this.agent = agent;
        this.writer = writer;
    }

    /** Does it, and tells of it. A failure is told, too, and ends it. */
    void run(Caller caller, ProgressLines lines) throws IOException {
        try {
            lines.status("The push refers to repository [" + name.name() + "]");
            if (items.isEmpty()) {
                throw new Failure.NotFound("An image does not exist locally with the tag: " + name.familiarName());
            }
            for (Item item : items) {
                push(caller, item, lines);
            }
        } catch (Failure e) {
            lines.error(e);
        }
    }

    private void push(Caller caller, Item item, ProgressLines lines) throws IOException {
        ImageReference target = item.name;
        PushRequest request = new PushRequest(target.name(), access, login, item.diffIds, item.mountFrom);
        Transfer end = LayerTransfer.run(caller, agent, AgentPaths.PUSH, request, lines);
        if (end.pushed() == null) {
            throw new Failure.Internal("the agent ended a push without its layers");
        }
        byte[] config = item.configJson.getBytes(StandardCharsets.UTF_8);
        PushedManifest manifest = PushedManifest.of(item.id, config.length, end.pushed());
        try (RegistryClient registry =
                RegistryClient.writing(target.domain(), target.path(), access, login, List.of())) {
            if (!registry.hasBlob(item.id)) {
                registry.upload(item.id, new ByteArrayEntity(config, ContentType.APPLICATION_OCTET_STREAM));
            }
            registry.putManifest(String.valueOf(target.tag()), manifest.mediaType(), manifest.bytes());
        }
        Digest digest = Digest.of(manifest.bytes());
        Undisturbed.call(() -> Attempts.of(() -> {
            writer.pushed(caller.project(), item.id, target, target.withDigest(digest));
            return digest;
        }));
        int size = manifest.bytes().length;
        lines.status(target.tag() + ": digest: " + digest + " size: " + size);
        Map<String, Object> aux = new LinkedHashMap<>();
        aux.put("Tag", target.tag());
        aux.put("Digest", digest.value());
        aux.put("Size", size);
        lines.aux(aux);
    }

    /** The manifest of what was pushed, as Docker writes it: indented by three spaces. */
    private record PushedManifest(String mediaType, String json) {
        private static final String DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
        private static final String OCI = "application/vnd.oci.image.manifest.v1+json";

        static PushedManifest of(Digest config, long size, List<PushedLayer> layers) {
            // Docker's own types have no name for zstd.
            boolean docker = layers.stream().allMatch(PushedLayer::gzip);
            String type = docker ? DOCKER : OCI;
            StringBuilder json =
                    new StringBuilder("{\n   \"schemaVersion\": 2,\n   \"mediaType\": \"" + type + "\",\n");
            json.append("   \"config\": ");
            descriptor(
                    json,
                    "   ",
                    docker
                            ? "application/vnd.docker.container.image.v1+json"
                            : "application/vnd.oci.image.config.v1+json",
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

        byte[] bytes() {
            return json.getBytes(StandardCharsets.UTF_8);
        }
    }
}
