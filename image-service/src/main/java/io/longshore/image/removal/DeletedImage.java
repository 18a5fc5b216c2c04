package io.longshore.image.removal;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/** One line of what a removal did (Engine API, ImageDeleteResponseItem): exactly one of the two. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeletedImage(
        @JsonProperty("Untagged") @Nullable String untagged,
        @JsonProperty("Deleted") @Nullable String deleted) {
    static DeletedImage untagged(String name) {
        return new DeletedImage(name, null);
    }

    static DeletedImage deleted(String id) {
        return new DeletedImage(null, id);
    }
}
