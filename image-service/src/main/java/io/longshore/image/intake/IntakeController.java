package io.longshore.image.intake;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
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
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** How images come (Engine API: ImageLoad, ImageCreate). Answers are JSON objects, one a line. */
@RestController
class IntakeController {
    private final Intake intake;

    IntakeController(Intake intake) {
        this.intake = intake;
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

    /** POST /images/create: import from the body. A pull has another controller. */
    @PostMapping("/images/create")
    void create(
            Caller caller,
            @RequestParam(required = false) @Nullable String fromSrc,
            @RequestParam(defaultValue = "") String repo,
            @RequestParam(defaultValue = "") String tag,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
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
        ImageReference name = repo.isEmpty() ? null : NewName.of(repo, tag);
        Digest id = intake.importRoot(caller, request.getInputStream(), name, config)
                .id();
        new JsonLines(response).write(Map.of("status", id.value()));
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
