package io.longshore.image.intake;

import io.longshore.contracts.id.Digest;
import io.longshore.oci.ImageReference;
import org.jspecify.annotations.Nullable;

/**
 * A name that was given to an image.
 *
 * @param name the name
 * @param before the image that had it, null if none or the same
 */
public record Stored(ImageReference name, @Nullable Digest before) {}
