package io.longshore.contracts.image;

import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A container that becomes an image (Engine API, ImageCommit).
 *
 * @param container which
 * @param parent the image it was made of, which it holds a claim on
 * @param layers all of the new image's, lowest first, as the agent has made them
 * @param config the container's configuration
 * @param wanted what the client wants instead; a field that it leaves out is the container's
 * @param changes Dockerfile instructions to apply
 * @param author free text, may be empty
 * @param comment free text, may be empty
 * @param repository a name for the image, or empty
 * @param tag for that name; empty is latest
 * @param node whose agent has made the layers; null from who does not say: the node that takes images in
 */
public record ImageCommit(
        ContainerId container,
        Digest parent,
        List<LoadedLayer> layers,
        ImageConfig config,
        @Nullable ImageConfig wanted,
        List<String> changes,
        String author,
        String comment,
        String repository,
        String tag,
        @Nullable NodeId node) {}
