package io.longshore.agent.image;

import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.agent.PullRequest;
import io.longshore.contracts.agent.PushRequest;
import io.longshore.contracts.agent.SaveRequest;
import io.longshore.contracts.agent.Transfer;
import io.longshore.platform.stream.StreamResponse;
import io.longshore.platform.web.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
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
    private final ImageSave save;

    ImageController(ImageIntake intake, Transfers transfers, ImageSave save) {
        this.save = save;
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

    @PostMapping(AgentPaths.PUSH)
    void push(@RequestBody PushRequest wanted, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        StreamResponse.of(request, response)
                .contentType("application/json")
                .output(output -> transfers.push(wanted, news -> write(output, news)));
    }

    @PostMapping(AgentPaths.SAVE)
    void save(@RequestBody SaveRequest wanted, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        save.check(wanted);
        StreamResponse.of(request, response).contentType("application/x-tar").output(output -> {
            // Each write is on its way at once, and a tar's headers are small.
            BufferedOutputStream buffered = new BufferedOutputStream(output, 128 << 10);
            save.write(wanted, buffered);
            buffered.flush();
        });
    }

    private static void write(OutputStream output, Transfer news) throws IOException {
        byte[] json = Json.bytes(news);
        byte[] line = java.util.Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        output.write(line);
    }
}
