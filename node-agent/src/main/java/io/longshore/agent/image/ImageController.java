package io.longshore.agent.image;

import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.agent.PullRequest;
import io.longshore.contracts.agent.Transfer;
import io.longshore.platform.stream.StreamResponse;
import io.longshore.platform.web.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** The streams by which images come in and go out: see {@link AgentPaths}. */
@RestController
final class ImageController {
    private final ImageIntake intake;
    private final Transfers transfers;

    ImageController(ImageIntake intake, Transfers transfers) {
        this.intake = intake;
        this.transfers = transfers;
    }

    @PostMapping(AgentPaths.LOAD)
    List<LoadedImage> load(HttpServletRequest request) throws IOException {
        return intake.load(request.getInputStream());
    }

    @PostMapping(AgentPaths.IMPORT)
    LoadedImage.LoadedLayer importRoot(HttpServletRequest request) throws IOException {
        return intake.importRoot(request.getInputStream());
    }

    @PostMapping(AgentPaths.PULL)
    void pull(@RequestBody PullRequest wanted, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        StreamResponse.of(request, response)
                .contentType("application/json")
                .output(output -> transfers.pull(wanted, news -> write(output, news)));
    }

    private static void write(OutputStream output, Transfer news) throws IOException {
        byte[] json = Json.bytes(news);
        byte[] line = java.util.Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        output.write(line);
    }
}
