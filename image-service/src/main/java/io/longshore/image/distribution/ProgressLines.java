package io.longshore.image.distribution;

import io.longshore.contracts.agent.Transfer;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The answer of a pull or push: JSON objects, one a line, as Docker's clients read them (Engine API, CreateImageInfo, PushImageInfo). */
final class ProgressLines {
    static final String TYPE = "application/json";
    private static final int SHORT_ID = 12;

    private final OutputStream output;
    private final boolean withExisting;

    ProgressLines(OutputStream output) {
        this(output, true);
    }

    private ProgressLines(OutputStream output, boolean withExisting) {
        this.output = output;
        this.withExisting = withExisting;
    }

    /** The same without lines for layers that are there already: Docker has none of an image that it has. */
    ProgressLines withoutExisting() {
        return new ProgressLines(output, false);
    }

    /** A line about all of it. */
    void status(String text) throws IOException {
        write(Map.of("status", text));
    }

    /** A line about one thing. */
    void status(String id, String text) throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("status", text);
        line.put("id", id);
        write(line);
    }

    /** What programs read from a push: where it went. */
    void aux(Map<String, Object> aux) throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("progressDetail", Map.of());
        line.put("aux", aux);
        write(line);
    }

    /** What ended it. */
    void error(Failure failure) throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("errorDetail", Map.of("message", failure.text()));
        line.put("error", failure.text());
        write(line);
    }

    /** A step of a layer. */
    void step(Transfer news) throws IOException {
        String text = news.step() == null ? null : text(news.step());
        boolean untold = news.step() == Transfer.Step.ALREADY_EXISTS && !withExisting;
        if (text == null || news.layer() == null || untold) {
            return;
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("status", text);
        line.put(
                "progressDetail",
                news.total() == 0 ? Map.of() : Map.of("current", news.current(), "total", news.total()));
        line.put("id", news.layer().hex().substring(0, SHORT_ID));
        write(line);
    }

    private static @Nullable String text(Transfer.Step step) {
        return switch (step) {
            case ALREADY_EXISTS -> "Already exists";
            case QUEUED -> "Pulling fs layer";
            case WAITING -> "Waiting";
            case DOWNLOADING -> "Downloading";
            case VERIFYING -> "Verifying Checksum";
            case DOWNLOADED -> "Download complete";
            case EXTRACTING -> "Extracting";
            case PULLED -> "Pull complete";
            case PREPARING -> "Preparing";
            case PUSHING -> "Pushing";
            case PUSHED -> "Pushed";
            case MOUNTED -> "Mounted";
            case LAYER_EXISTS -> "Layer already exists";
        };
    }

    private void write(Map<String, ?> line) throws IOException {
        output.write((Json.mapper().writeValueAsString(line) + "\r\n").getBytes(StandardCharsets.UTF_8));
    }
}
