package io.longshore.container.archive;

import io.longshore.container.request.CreateBody;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** POST /commit (Engine API, ImageCommit). */
@RestController
class CommitController {
    private final Committing committing;

    CommitController(Committing committing) {
        this.committing = committing;
    }

    /** The query but for the changes. */
    record Query(
            @Nullable String container,
            @Nullable String repo,
            @Nullable String tag,
            @Nullable String author,
            @Nullable String comment,
            @Nullable Boolean pause) {}

    @PostMapping("/commit")
    @ResponseStatus(HttpStatus.CREATED)
    Map<String, String> commit(
            Caller caller,
            @ModelAttribute Query query,
            HttpServletRequest request,
            @RequestBody(required = false) byte @Nullable [] body) {
        // Not by Spring: it would take a comma in one change for the end of it.
        String[] changes = request.getParameterValues("changes");
        Committing.Wish wish = new Committing.Wish(
                text("repo", query.repo()),
                text("tag", query.tag()),
                text("author", query.author()),
                text("comment", query.comment()),
                changes == null ? List.of() : List.of(changes),
                CreateBody.config(body == null ? new byte[0] : body),
                !Boolean.FALSE.equals(query.pause()));
        Digest image = committing.commit(caller, text("container", query.container()), wish);
        return Map.of("Id", image.value());
    }

    private static String text(String name, @Nullable String value) {
        if (value != null && value.indexOf('\0') >= 0) {
            throw new Failure.Invalid("invalid " + name + ": it contains a NUL character");
        }
        return value == null ? "" : value;
    }
}
