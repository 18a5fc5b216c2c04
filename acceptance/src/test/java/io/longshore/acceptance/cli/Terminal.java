package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The program by which a command gets a real pseudo-terminal: {@code src/test/c/terminal.c}, compiled when it is first needed. */
final class Terminal {
    private static final Path SOURCE = Path.of("src/test/c/terminal.c").toAbsolutePath();

    private static Path program = Path.of("");

    private Terminal() {}

    static synchronized Path program() {
        if (program.toString().isEmpty()) {
            program = compile();
        }
        return program;
    }

    /** What is to be typed to have the terminal get another size. */
    static byte[] resize(int rows, int columns) {
        return ("\0" + rows + " " + columns + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static Path compile() {
        try {
            Path made =
                    Files.createDirectories(Path.of("target").toAbsolutePath()).resolve("terminal");
            Process gcc = new ProcessBuilder(
                            "gcc",
                            "-O2",
                            "-Wall",
                            "-Wextra",
                            "-Werror",
                            "-o",
                            made.toString(),
                            SOURCE.toString(),
                            "-lutil")
                    .inheritIO()
                    .start();
            assertThat(gcc.waitFor(60, TimeUnit.SECONDS))
                    .as("gcc %s ends", SOURCE)
                    .isTrue();
            assertThat(gcc.exitValue()).as("gcc %s", SOURCE).isZero();
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while gcc runs", e);
        }
    }
}
