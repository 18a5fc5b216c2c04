package io.longshore.agent.execdriver.simulated;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.log.ContainerLog;
import io.longshore.contracts.error.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A simulated container's log, in the form of its driver. What a simulated process says is short: nothing is rotated. */
final class SimulatedLog {
    private static final JsonMapper JSON = new JsonMapper();

    /** A line as Docker's json-file driver writes it. */
    @JsonPropertyOrder({"log", "stream", "attrs", "time"})
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Line(String log, String stream, Map<String, String> attrs, String time) {}

    private final ContainerLog log;
    private final boolean wanted;
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();

    SimulatedLog(Launch launch) {
        log = launch.log();
        wanted = !launch.spec().log().driver().equals("none");
    }

    void write(byte[] bytes) {
        if (!wanted) {
            return;
        }
        for (byte b : bytes) {
            begun.write(b);
            if (b == '\n') {
                append(begun.toString(StandardCharsets.UTF_8), Instant.now());
                begun.reset();
            }
        }
    }

    private void append(String text, Instant now) {
        String line = log.form() == ContainerLog.Form.LOCAL
                ? "%d.%09d o %d %s"
                        .formatted(
                                now.getEpochSecond(),
                                now.getNano(),
                                text.getBytes(StandardCharsets.UTF_8).length - 1,
                                text)
                : JSON.writeValueAsString(new Line(text, "stdout", log.attributes(), now.toString())) + "\n";
        try {
            Files.writeString(
                    log.path(), line, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new Failure.Internal("cannot write log " + log.path() + ": " + e.getMessage(), e);
        }
    }
}
