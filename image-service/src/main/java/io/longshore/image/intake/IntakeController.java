package io.longshore.image.intake;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.image.store.Attempts;
import io.longshore.image.store.ImageName;
import io.longshore.image.store.Images;
import io.longshore.image.store.OnePlatform;
import io.longshore.oci.ImageReference;
import io.longshore.platform.web.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** How images and names come (Engine API: ImageLoad, ImageCreate, ImageTag). Answers are JSON objects, one a line. */
@RestController
class IntakeController {
    private final Intake intake;
    private final ImageWriter writer;
    private final Images images;

    IntakeController(Intake intake, ImageWriter writer, Images images) {
        this.intake = intake;
        this.writer = writer;
        this.images = images;
    }

    /** POST /images/load. As in Docker the status is 200 once the stream is read, images are told as they come, an error ends the answer. */
    @PostMapping("/images/load")
    void load(Caller caller, HttpServletRequest request, HttpServletResponse response) throws IOException {
        OnePlatform.refuse("platform", request.getParameterValues("platform"));
        JsonLines lines = new JsonLines(response);
        try {
            intake.load(
                    caller,
                    request.getInputStream(),
                    loaded -> told(loaded).forEach(text -> lines.write(Map.of("stream", text + "\n"))));
        } catch (Failure e) {
            if (e instanceof Failure.Unavailable && !response.isCommitted()) {
                throw e;
            }
            lines.write(Map.of("errorDetail", Map.of("message", e.text()), "error", e.text()));
        }
    }

    private static List<String> told(Intake.Loaded loaded) {
        if (loaded.names().isEmpty()) {
            return List.of("Loaded image ID: " + loaded.image().id());
        }
        return loaded.names().stream()
                .map(stored -> {
                    String name = stored.name().familiar();
                    String moved = stored.before() == null
                            ? ""
                            : "The image " + name + " already exists, renaming the old one with ID " + stored.before()
                                    + " to empty string\n";
                    return moved + "Loaded image: " + name;
                })
                .toList();
    }

    /** POST /images/create: import from the body; pulling comes later. */
    @PostMapping("/images/create")
    void create(
            Caller caller,
            @RequestParam(required = false) @Nullable String fromImage,
            @RequestParam(required = false) @Nullable String fromSrc,
            @RequestParam(defaultValue = "") String repo,
            @RequestParam(defaultValue = "") String tag,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        if (fromImage != null && !fromImage.isEmpty()) {
            ImageReference.parse(fromImage);
            throw new Failure.NotImplemented(
                    "pulling " + fromImage
                            + " is not supported yet: bring the image with docker save on a machine that has it, and docker load here");
        }
        if (fromSrc == null || fromSrc.isEmpty()) {
            throw new Failure.Invalid("nothing to make an image from: fromImage and fromSrc are empty");
        }
        if (!"-".equals(fromSrc)) {
            throw new Failure.NotImplemented(
                    "importing from \"" + fromSrc + "\" is not supported: send the archive with fromSrc=-");
        }
        // Not by Spring: it would take a comma in one change for the end of it.
        String[] changes = request.getParameterValues("changes");
        String message = request.getParameter("message");
        ImportedConfig config = new ImportedConfig(
                message == null || message.isEmpty() ? "Imported from -" : message,
                ImportedConfig.Platform.parse(request.getParameter("platform")),
                Instructions.apply(changes == null ? List.of() : List.of(changes)));
        ImageReference name = repo.isEmpty() ? null : target(repo, tag);
        Digest id = intake.importRoot(caller, request.getInputStream(), name, config)
                .id();
        new JsonLines(response).write(Map.of("status", id.value()));
    }

    /** POST /images/{name}/tag. */
    @PostMapping("/images/{*path}")
    @ResponseStatus(HttpStatus.CREATED)
    void tag(
            Caller caller,
            @PathVariable String path,
            @RequestParam(defaultValue = "") String repo,
            @RequestParam(defaultValue = "") String tag) {
        if (!path.endsWith("/tag") || path.length() <= "/tag".length() + 1) {
            throw new Failure.NotFound("page not found");
        }
        if (repo.isEmpty()) {
            throw new Failure.Invalid("invalid reference format: repo is missing");
        }
        ImageReference target = target(repo, tag);
        ImageName source = ImageName.parse(path.substring(1, path.length() - "/tag".length()));
        Attempts.of(() -> {
            Digest id = images.require(caller.project(), source).id();
            writer.tag(caller.project(), id, target);
            return id;
        });
    }

    private static ImageReference target(String repo, String tag) {
        ImageReference named = ImageReference.parse(repo);
        if (named.digest() != null) {
            throw new Failure.Invalid("refusing to create a tag with a digest reference");
        }
        return tag.isEmpty() ? named.withDefaultTag() : named.withTag(tag);
    }

    /** Objects, one a line, each sent at once. */
    private record JsonLines(HttpServletResponse response) {
        void write(Map<String, ?> object) {
            response.setContentType("application/json");
            try {
                response.getOutputStream()
                        .write((Json.mapper().writeValueAsString(object) + "\r\n").getBytes(StandardCharsets.UTF_8));
                response.flushBuffer();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
