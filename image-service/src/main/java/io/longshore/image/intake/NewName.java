package io.longshore.image.intake;

import io.longshore.contracts.error.Failure;
import io.longshore.oci.ImageReference;

/** The name that an image is to get, as the Engine API has it: a repository, and a tag beside it or in it. */
public final class NewName {
    private NewName() {}

    /** Reads it; {@link Failure.Invalid} in Docker's words. */
    public static ImageReference of(String repository, String tag) {
        ImageReference named = ImageReference.parse(repository);
        if (named.digest() != null) {
            throw new Failure.Invalid("refusing to create a tag with a digest reference");
        }
        return tag.isEmpty() ? named.withDefaultTag() : named.withTag(tag);
    }
}
