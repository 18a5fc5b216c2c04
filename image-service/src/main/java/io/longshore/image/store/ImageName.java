package io.longshore.image.store;

import io.longshore.contracts.error.Failure;
import io.longshore.oci.ImageReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a client calls an image: a reference, an id, or the beginning of an id. As in Docker a reference goes before an id, except where
 * the text is a whole id.
 *
 * @param text as written
 * @param reference normalised, with a tag or digest; null for a whole id
 * @param idPrefix {@code sha256:} and 1 to 64 digits; null when the text cannot begin an id
 */
public record ImageName(
        String text,
        @Nullable ImageReference reference,
        @Nullable String idPrefix) {
    private static final Pattern ID = Pattern.compile("(?:sha256:)?([0-9a-f]{1,64})");
    private static final int WHOLE = 64;

    /** Reads a name; {@link Failure.Invalid} with Docker's words when it is none. */
    public static ImageName parse(String text) {
        Matcher id = ID.matcher(text);
        String prefix = id.matches() ? "sha256:" + id.group(1) : null;
        boolean whole = prefix != null && id.group(1).length() == WHOLE;
        return new ImageName(text, whole ? null : ImageReference.parse(text).withDefaultTag(), prefix);
    }

    /** Docker's failure for a name that leads nowhere. */
    public Failure.NotFound notFound() {
        return new Failure.NotFound("No such image: " + (reference == null ? text : reference.familiar()));
    }

    /** Whether the text is the beginning of this id rather than a reference to it. */
    public boolean isIdOf(String id) {
        return idPrefix != null && id.startsWith(idPrefix);
    }
}
