package io.longshore.agent.stage.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a target of {@code src/main/c/Makefile}; tests run in the module's directory. */
final class NativeCode {
    /** Compiling and a check take seconds; a busy machine may take longer. */
    static final Duration BUILD = Duration.ofMinutes(5);

    static final Path OUT = Path.of("target/c");

    private NativeCode() {}

    /** What it printed; a failure when it takes longer than that. */
    static String make(Duration atMost, String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("make", "-s", "-C", "src/main/c", "OUT=" + OUT.toAbsolutePath()));
        command.addAll(List.of(arguments));
        Files.createDirectories(OUT);
        Path output = Files.createTempFile("make", ".log");
        try {
            Process make = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = make.waitFor(atMost.toSeconds(), TimeUnit.SECONDS);
            // What make has started would go on without it.
            make.descendants().forEach(ProcessHandle::destroyForcibly);
            make.destroyForcibly();
            String text = Files.readString(output, StandardCharsets.ISO_8859_1);
            assertThat(ended).as("over within %s: %s", atMost, text).isTrue();
            assertThat(make.exitValue()).as(text).isZero();
            return text;
        } finally {
            Files.delete(output);
        }
    }

    static boolean installed(String program) {
        for (String directory : System.getenv("PATH").split(":", -1)) {
            if (Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        return false;
    }
}
