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

    /** Runs it; gives its standard output. It must exit with 0 within the time, else the failure has all that it wrote. */
    String run(Duration atMost) throws IOException, InterruptedException {
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
        String said = Files.readString(out);
        assertThat(ended && process.exitValue() == 0)
                .as("%s ends well%nit said%n%s%nand%n%s", command, said, Files.readString(errors))
                .isTrue();
        return said;
    }
}
