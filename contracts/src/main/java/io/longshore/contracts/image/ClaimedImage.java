package io.longshore.contracts.image;

import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import java.util.List;
import java.util.Objects;

/**
 * An image that is claimed: all that is needed to make a container of it.
 *
 * @param id the digest of its configuration
 * @param config the defaults for the container
 * @param diffIds the layers' diff ids, lowest first (OCI image spec, config.md, rootfs)
 * @param os operating system, {@code linux}
 * @param architecture such as {@code amd64}
 * @param nodes that hold all of its layers now, in order of their ids; none for an image without layers, which needs none
 * @param movable whether it can be brought to other nodes ({@link ImageApi#place}): the system registry has it, or it has no layers
 */
public record ClaimedImage(
        Digest id,
        ImageConfig config,
        List<Digest> diffIds,
        String os,
        String architecture,
        List<NodeId> nodes,
        boolean movable) {
    public ClaimedImage {
        // An image-service of before does not say.
        nodes = List.copyOf(Objects.requireNonNullElse(nodes, List.of()));
    }
}
