package io.longshore.image.distribution;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.image.intake.ImageWriter;
import io.longshore.image.intake.NewName;
import io.longshore.image.registry.Registries;
import io.longshore.image.store.Attempts;
import io.longshore.image.store.ImageName;
import io.longshore.image.store.Images;
import io.longshore.oci.ImageReference;
import io.longshore.platform.stream.StreamResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What is done with an image by its name, which may have slashes in it (Engine API: ImageTag, ImagePush). */
@RestController
class NameController {
    private static final String TAG = "/tag";
    private static final String PUSH = "/push";

    private final Pushes pushes;
    private final ImageWriter writer;
    private final Images images;

    NameController(Pushes pushes, ImageWriter writer, Images images) {
        this.pushes = pushes;
        this.writer = writer;
        this.images = images;
    }

    /** POST /images/{name}/tag and POST /images/{name}/push. */
    @PostMapping("/images/{*path}")
    void post(
            Caller caller,
            @PathVariable String path,
            @RequestParam(defaultValue = "") String repo,
            @RequestParam(defaultValue = "") String tag,
            @RequestHeader(name = Registries.LOGIN_HEADER, required = false) @Nullable String login,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        if (path.endsWith(TAG) && path.length() > TAG.length() + 1) {
            tag(caller, path.substring(1, path.length() - TAG.length()), repo, tag);
            response.setStatus(HttpServletResponse.SC_CREATED);
        } else if (path.endsWith(PUSH) && path.length() > PUSH.length() + 1) {
            ImageReference named = ImageReference.parse(path.substring(1, path.length() - PUSH.length()));
            if (named.digest() != null) {
                throw new Failure.Invalid("cannot push a digest reference");
            }
            ImageReference name = tag.isEmpty() ? named : named.withTag(tag);
            Push push = pushes.prepare(caller, name, login);
            StreamResponse.of(request, response)
                    .contentType(ProgressLines.TYPE)
                    .output(output -> push.run(caller, new ProgressLines(output)));
        } else {
            throw new Failure.NotFound("page not found");
        }
    }

    private void tag(Caller caller, String path, String repo, String tag) {
        if (repo.isEmpty()) {
            throw new Failure.Invalid("invalid reference format: repo is missing");
        }
        ImageReference target = NewName.of(repo, tag);
        ImageName source = ImageName.parse(path);
        Attempts.of(() -> {
            Digest id = images.require(caller.project(), source).id();
            writer.tag(caller.project(), id, target);
            return id;
        });
    }
}
