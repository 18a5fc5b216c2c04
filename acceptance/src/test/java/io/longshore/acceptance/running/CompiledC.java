package io.longshore.acceptance.running;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A program of {@code src/test/c}, compiled to a static binary that runs in any image. */
public final class CompiledC {
    private CompiledC() {}

    /** The binary's bytes; {@link IOException} with the compiler's words. */
    public static byte[] binary(String source) throws IOException, InterruptedException {
        Path file = Path.of("src/test/c", source);
        Path binary = Files.createTempFile("longshore-compiled-", "");
        try {
            Process gcc = new ProcessBuilder(
                            "gcc", "-static", "-O1", "-Wall", "-Werror", "-o", binary.toString(), file.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!gcc.waitFor(60, TimeUnit.SECONDS) || gcc.exitValue() != 0) {
                throw new IOException("gcc does not compile " + file + ": " + said);
            }
            return Files.readAllBytes(binary);
        } finally {
            Files.delete(binary);
        }
    }
}
