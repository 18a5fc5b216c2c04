package io.longshore.oci.registry;

import io.longshore.contracts.error.Failure;
import io.longshore.oci.manifest.ImageJson;
import io.longshore.oci.registry.call.Answer;
import io.longshore.oci.registry.call.Exchange;
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * GET /v2/{path}/tags/list (OCI distribution spec, end-8a), one page.
 *
 * @param target of the page
 */
record TagLister(String target) implements Exchange<TagLister.Page> {
    private static final Pattern NEXT = Pattern.compile("\\s*<([^>]{1,2048})>\\s*;.*rel=\"?next\"?.*");

    /** The first page. */
    static TagLister first(String path) {
        return new TagLister("/v2/" + path + "/tags/list");
    }

    /**
     * Tags, and where more are.
     *
     * @param next target of the next page, null after the last
     */
    record Page(List<String> tags, @Nullable String next) {}

    private record Tags(@Nullable List<String> tags) {}

    @Override
    public String method() {
        return "GET";
    }

    @Override
    public Page answer(Answer answer) throws IOException {
        List<String> tags = ImageJson.read("list of tags", answer.bytes(ImageJson.MAX_BYTES), Tags.class)
                .tags();
        return new Page(tags == null ? List.of() : tags, next(answer));
    }

    private static @Nullable String next(Answer answer) {
        String link = answer.header("Link");
        Matcher matcher = link == null ? null : NEXT.matcher(link);
        if (matcher == null || !matcher.matches()) {
            return null;
        }
        try {
            return answer.from().resolve(matcher.group(1)).toString();
        } catch (IllegalArgumentException e) {
            throw new Failure.Internal("the registry names a next page of tags that is no URL", e);
        }
    }
}
