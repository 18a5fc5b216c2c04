package io.longshore.oci.manifest;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.image.ImageConfig;
import io.longshore.oci.LayerChain;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of an image, whose digest is the image's id (OCI image spec, config.md; Docker's additions). The bytes themselves are
 * what is kept; this is a view of them.
 *
 * @param created when it was made, RFC 3339, as written
 * @param os operating system; Docker takes a missing one for linux
 * @param config defaults for containers
 * @param rootfs the layers
 * @param history what made each layer, oldest first
 */
public record ImageConfiguration(
        @Nullable String created,
        @Nullable String author,
        @Nullable String architecture,
        @Nullable String variant,
        @Nullable String os,
        @JsonProperty("os.version") @Nullable String osVersion,
        @JsonProperty("docker_version") @Nullable String dockerVersion,
        @Nullable String comment,
        @Nullable String parent,
        @Nullable String container,
        @Nullable ImageConfig config,
        @JsonProperty("rootfs") @Nullable RootFs rootfs,
        @Nullable List<History> history) {

    /** The layers by diff id, lowest first; {@code type} is {@code layers}. */
    public record RootFs(
            @Nullable String type,
            @JsonProperty("diff_ids") @Nullable List<Digest> diffIds) {}

    /** One step that made the image. */
    public record History(
            @Nullable String created,
            @JsonProperty("created_by") @Nullable String createdBy,
            @Nullable String author,
            @Nullable String comment,
            @JsonProperty("empty_layer") boolean emptyLayer) {}

    /** Reads a configuration; {@link Failure.Invalid} when it is too large, malformed, not for Linux or has too many layers. */
    public static ImageConfiguration parse(String name, byte[] bytes) {
        ImageConfiguration read = ImageJson.read(name, bytes, ImageConfiguration.class);
        RootFs root = read.rootfs;
        if (root == null || !"layers".equals(root.type)) {
            throw new Failure.Invalid(name + " is no image configuration: rootfs.type is not \"layers\"");
        }
        if (read.diffIds().size() > LayerChain.MAX_LAYERS) {
            throw new Failure.Invalid(name + ": max depth exceeded: "
                    + read.diffIds().size() + " layers, at most " + LayerChain.MAX_LAYERS + " are supported");
        }
        if (!read.operatingSystem().equals("linux")) {
            throw new Failure.Invalid(name + ": cannot use an image of operating system \"" + read.os + "\" on linux");
        }
        read.requireStorable(name);
        return read;
    }

    /** PostgreSQL keeps no NUL in a text, and Go's writers no year beyond four digits. */
    private void requireStorable(String name) {
        Map<String, String> labels = config == null || config.labels() == null ? Map.of() : config.labels();
        labels.forEach((key, value) -> {
            if (key.indexOf('\0') >= 0 || (value != null && value.indexOf('\0') >= 0)) {
                throw new Failure.Invalid(name + ": label \"" + key.replace("\0", "\\0") + "\" has a NUL in it");
            }
        });
        if (created != null && !created.isEmpty() && !created.matches("\\d{4}-.{0,60}")) {
            throw new Failure.Invalid(name + ": created \"" + created.substring(0, Math.min(created.length(), 64))
                    + "\" is no time as RFC 3339 has it");
        }
    }

    /** The layers' diff ids, lowest first. */
    public List<Digest> diffIds() {
        return rootfs == null || rootfs.diffIds == null ? List.of() : rootfs.diffIds;
    }

    /** The steps, oldest first; empty when none are told. */
    public List<History> steps() {
        return history == null ? List.of() : history;
    }

    /** The operating system, linux when none is told. */
    public String operatingSystem() {
        return os == null || os.isEmpty() ? "linux" : os;
    }
}
