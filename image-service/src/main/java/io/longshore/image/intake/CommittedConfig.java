package io.longshore.image.intake;

import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.image.ImageCommit;
import io.longshore.contracts.image.ImageConfig;
import io.longshore.oci.ImageReference;
import io.longshore.oci.manifest.ImageConfiguration;
import io.longshore.platform.web.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a commit says of the image to make: a pure function of the request and the image under it. */
final class CommittedConfig {
    private final ImageCommit commit;
    private final ImageConfig config;
    private final @Nullable ImageReference name;

    private CommittedConfig(ImageCommit commit) {
        this.commit = commit;
        ImageConfig base = commit.wanted() == null ? commit.config() : commit.wanted();
        this.config = completed(Instructions.apply(base, commit.changes()), commit.config());
        this.name = commit.repository().isEmpty() ? null : name(commit.repository(), commit.tag());
    }

    /** Reads the request; {@code INVALID} names a malformed name or instruction. */
    static CommittedConfig of(ImageCommit commit) {
        return new CommittedConfig(commit);
    }

    private static ImageReference name(String repository, String tag) {
        ImageReference named = ImageReference.parse(repository);
        if (named.digest() != null) {
            throw new Failure.Invalid("refusing to create a tag with a digest reference");
        }
        return tag.isEmpty() ? named.withDefaultTag() : named.withTag(tag);
    }

    /** To give to the image, or null. */
    @Nullable
    ImageReference name() {
        return name;
    }

    /** As Docker merges: an entrypoint of its own goes without the container's command. */
    private static ImageConfig completed(ImageConfig own, ImageConfig container) {
        boolean entrypoint = own.entrypoint() != null && !own.entrypoint().isEmpty();
        boolean command = own.command() != null && !own.command().isEmpty();
        return new ImageConfig(
                blank(own.user()) ? container.user() : own.user(),
                joined(container.exposedPorts(), own.exposedPorts()),
                environment(container.env(), own.env()),
                own.entrypoint() == null ? container.entrypoint() : own.entrypoint(),
                entrypoint || command ? own.command() : container.command(),
                joined(container.volumes(), own.volumes()),
                blank(own.workingDir()) ? container.workingDir() : own.workingDir(),
                joined(container.labels(), own.labels()),
                blank(own.stopSignal()) ? container.stopSignal() : own.stopSignal(),
                own.healthcheck() == null ? container.healthcheck() : own.healthcheck(),
                own.argsEscaped(),
                own.onBuild(),
                own.shell() == null ? container.shell() : own.shell());
    }

    private static boolean blank(@Nullable String value) {
        return value == null || value.isEmpty();
    }

    private static <V> @Nullable Map<String, V> joined(@Nullable Map<String, V> under, @Nullable Map<String, V> over) {
        if (under == null || under.isEmpty() || over == null) {
            return over == null ? under : over;
        }
        Map<String, V> all = new LinkedHashMap<>(under);
        all.putAll(over);
        return all;
    }

    private static @Nullable List<String> environment(@Nullable List<String> under, @Nullable List<String> over) {
        if (under == null || over == null) {
            return over == null ? under : over;
        }
        List<String> all = new ArrayList<>(over);
        under.stream()
                .filter(variable ->
                        over.stream().noneMatch(own -> variableName(own).equals(variableName(variable))))
                .forEach(all::add);
        return all;
    }

    private static String variableName(String variable) {
        return variable.split("=", 2)[0];
    }

    /** The image: its configuration document (OCI image spec, config.md), and the id that follows from it. */
    LoadedImage image(ImageConfiguration parent, Instant created) {
        List<LoadedLayer> layers = commit.layers();
        boolean empty = layers.size() == parent.diffIds().size();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("architecture", parent.architecture() == null ? "" : parent.architecture());
        if (parent.variant() != null) {
            document.put("variant", parent.variant());
        }
        putUnlessEmpty(document, "author", commit.author());
        putUnlessEmpty(document, "comment", commit.comment());
        document.put("config", config);
        document.put("container", commit.container().value());
        document.put("created", created.toString());
        List<Map<String, Object>> history = new ArrayList<>();
        parent.steps().forEach(earlier -> history.add(step(earlier)));
        history.add(step(new ImageConfiguration.History(
                created.toString(), createdBy(), commit.author(), commit.comment(), empty)));
        document.put("history", history);
        document.put("os", "linux");
        List<String> diffIds =
                layers.stream().map(layer -> layer.diffId().value()).toList();
        document.put("rootfs", Map.of("type", "layers", "diff_ids", diffIds));
        byte[] json = Json.bytes(document);
        return new LoadedImage(Digest.of(json), new String(json, StandardCharsets.UTF_8), List.of(), layers);
    }

    private String createdBy() {
        List<String> command = commit.config().command();
        return command == null ? "" : String.join(" ", command);
    }

    private static Map<String, Object> step(ImageConfiguration.History told) {
        Map<String, Object> step = new LinkedHashMap<>();
        putUnlessEmpty(step, "created", told.created());
        putUnlessEmpty(step, "created_by", told.createdBy());
        putUnlessEmpty(step, "author", told.author());
        putUnlessEmpty(step, "comment", told.comment());
        if (told.emptyLayer()) {
            step.put("empty_layer", true);
        }
        return step;
    }

    private static void putUnlessEmpty(Map<String, Object> document, String key, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            document.put(key, value);
        }
    }
}
