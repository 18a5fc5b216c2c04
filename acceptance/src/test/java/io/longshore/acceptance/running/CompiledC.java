package io.longshore.acceptance.running;

import io.longshore.testbed.process.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A program of {@code src/test/c}, compiled to a static binary that runs in any image. */
public final class CompiledC {
    private CompiledC() {}

    /** The binary's bytes; an {@link IllegalStateException} with the compiler's words. */
    public static byte[] binary(String source) throws IOException {
        Path file = Path.of("src/test/c", source);
        Path binary = Files.createTempFile("longshore-compiled-", "");
        try {
            Program.run("gcc", "-static", "-O1", "-Wall", "-Werror", "-o", binary.toString(), file.toString())
                    .ok();
            return Files.readAllBytes(binary);
        } finally {
            Files.delete(binary);
        }
    }
}
