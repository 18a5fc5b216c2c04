package io.longshore.image.distribution;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.PushRequest;
import io.longshore.contracts.agent.Transfer;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.image.intake.ImageWriter;
import io.longshore.image.place.Holders;
import io.longshore.image.store.Attempts;
import io.longshore.image.transfer.LayerTransfer;
import io.longshore.image.transfer.PushedManifest;
import io.longshore.image.transfer.Undisturbed;
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
    private final Holders holders;
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
            Holders holders,
            ImageWriter writer) {
        this.name = name;
        this.login = login;
        this.access = access;
        this.items = items;
        this.holders = holders;
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
        Transfer end =
                LayerTransfer.run(caller, holders.of(caller, List.of(item.id)), AgentPaths.PUSH, request, lines::step);
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
}
