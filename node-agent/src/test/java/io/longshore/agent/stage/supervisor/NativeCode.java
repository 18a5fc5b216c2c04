package io.longshore.agent.stage.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a target of {@code src/main/c/Makefile}; tests run in the module's directory. */
final class NativeCode {
    static final Path OUT = Path.of("target/c");

    private NativeCode() {}

    /** What it printed. */
    static String make(String... arguments) throws IOException, InterruptedException {
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
            boolean ended = make.waitFor(5, TimeUnit.MINUTES);
            make.destroyForcibly();
            String text = Files.readString(output, StandardCharsets.ISO_8859_1);
            assertThat(ended && make.exitValue() == 0).as(text).isTrue();
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
