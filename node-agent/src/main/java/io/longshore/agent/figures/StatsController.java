package io.longshore.agent.figures;

import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.stream.StreamResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** GET /agent/containers/{id}/stats: see {@code AgentPaths.stats}. */
@RestController
final class StatsController {
    private final ContainerFigures figures;
    private final SampleFeed feed;

    StatsController(ContainerFigures figures, SampleFeed feed) {
        this.figures = figures;
        this.feed = feed;
    }

    @GetMapping("/agent/containers/{id}/stats")
    void stats(
            @PathVariable ContainerId id,
            @RequestParam(defaultValue = "0") int count,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        // For NOT_FOUND before the head goes out, and all there is to say when one is asked for.
        String first = StatsLine.of(figures.now(id));
        StreamResponse.of(request, response).contentType("application/x-ndjson").output(output -> {
            if (count == 1) {
                output.write(first.getBytes(StandardCharsets.UTF_8));
            } else {
                follow(id, count, output);
            }
        });
    }

    private void follow(ContainerId id, int count, OutputStream output) throws IOException, InterruptedException {
        try (SampleFeed.Watch watch = feed.watch(id)) {
            String line = watch.next();
            for (int written = 1; line != null; written++) {
                output.write(line.getBytes(StandardCharsets.UTF_8));
                if (written == count) {
                    return;
                }
                line = watch.next();
            }
        }
    }
}
