package io.longshore.acceptance.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that is a client of an engine, in a directory of its own, which is its home, too. */
record Client(Path home, List<String> command, Map<String, String> environment) {

    /**
     * What a client left.
     *
     * @param code its exit code, -1 if it had not ended in time and was killed
     */
    record Outcome(int code, String out, String errors) {
        /** The exit code is 0. */
        Outcome ok() {
            assertThat(code).as("exit code; %s", this).isEqualTo(0);
            return this;
        }

        @Override
        public String toString() {
            return "--- output\n" + out + "--- errors\n" + errors + "--- exit code " + code + "\n";
        }
    }

    Outcome run(Duration atMost) throws IOException, InterruptedException {
        Path out = home.resolve("client.out");
        Path errors = home.resolve("client.err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(errors.toFile());
        builder.environment().clear();
        builder.environment().putAll(Map.of("HOME", home.toString(), "PATH", "/usr/bin:/bin", "LANG", "C.UTF-8"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        boolean ended = process.waitFor(atMost.toSeconds(), TimeUnit.SECONDS);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        return new Outcome(ended ? process.exitValue() : -1, Files.readString(out), Files.readString(errors));
    }
}
