package io.longshore.acceptance.sandbox;

import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code src/test/c/probe.c}, compiled, in an image of its own. */
final class Probe {
    static final String IMAGE = "probe:latest";

    private static final Path SOURCE = Path.of("src/test/c/probe.c");

    private Probe() {}

    /** The image as {@code docker load} takes it. */
    static byte[] archive() throws IOException, InterruptedException {
        TarArchive tar = new TarArchive();
        for (String directory : List.of("dev", "etc", "proc", "sys", "tmp")) {
            tar.directory(directory + "/", 0755);
        }
        tar.file("probe", 0755, compiled()).file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
        return new SavedImage(List.of(IMAGE), Map.of("Cmd", List.of("/probe")), List.of(tar.bytes())).archive();
    }

    private static byte[] compiled() throws IOException, InterruptedException {
        Path binary = Files.createTempFile("longshore-probe-", "");
        try {
            Process gcc = new ProcessBuilder(
                            "gcc", "-static", "-O1", "-Wall", "-Werror", "-o", binary.toString(), SOURCE.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!gcc.waitFor(60, TimeUnit.SECONDS) || gcc.exitValue() != 0) {
                throw new IOException("gcc does not compile " + SOURCE + ": " + said);
            }
            return Files.readAllBytes(binary);
        } finally {
            Files.delete(binary);
        }
    }
}
