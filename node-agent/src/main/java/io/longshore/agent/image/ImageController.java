package io.longshore.agent.image;

import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.LoadedImage;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** The streams by which images come in: see {@link AgentPaths}. */
@RestController
final class ImageController {
    private final ImageIntake intake;

    ImageController(ImageIntake intake) {
        this.intake = intake;
    }

    @PostMapping(AgentPaths.LOAD)
    List<LoadedImage> load(HttpServletRequest request) throws IOException {
        return intake.load(request.getInputStream());
    }

    @PostMapping(AgentPaths.IMPORT)
    LoadedImage.LoadedLayer importRoot(HttpServletRequest request) throws IOException {
        return intake.importRoot(request.getInputStream());
    }
}
