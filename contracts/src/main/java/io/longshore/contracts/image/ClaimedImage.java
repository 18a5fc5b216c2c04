package io.longshore.contracts.image;

import io.longshore.contracts.id.Digest;
import java.util.List;

/**
 * An image that is claimed: all that is needed to make a container of it.
 *
 * @param id the digest of its configuration
 * @param config the defaults for the container
 * @param diffIds the layers' diff ids, lowest first (OCI image spec, config.md, rootfs)
 * @param os operating system, {@code linux}
 * @param architecture such as {@code amd64}
 */
public record ClaimedImage(Digest id, ImageConfig config, List<Digest> diffIds, String os, String architecture) {}
