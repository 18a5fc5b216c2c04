package io.longshore.agent.execdriver.simulated;

import io.longshore.agent.execdriver.Launch;
import io.longshore.contracts.error.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import tools.jackson.databind.json.JsonMapper;

/** A simulated container's json-file log: one line of JSON per line of output. What a simulated process says is short. */
final class SimulatedLog {
    private static final JsonMapper JSON = new JsonMapper();

    /** A line as Docker's json-file driver writes it. */
    record Line(String log, String stream, String time) {}

    private final Path file;
    private final boolean wanted;
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();

    SimulatedLog(Launch launch) {
        file = Path.of(launch.logPath());
        wanted = launch.spec().log().driver().equals("json-file");
    }

    void write(byte[] bytes) {
        if (!wanted) {
            return;
        }
        for (byte b : bytes) {
            begun.write(b);
            if (b == '\n') {
                append(new Line(
                        begun.toString(StandardCharsets.UTF_8),
                        "stdout",
                        Instant.now().toString()));
                begun.reset();
            }
        }
    }

    private void append(Line line) {
        try {
            Files.writeString(
                    file,
                    JSON.writeValueAsString(line) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new Failure.Internal("cannot write log " + file + ": " + e.getMessage(), e);
        }
    }
}
