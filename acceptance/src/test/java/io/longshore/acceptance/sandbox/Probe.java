package io.longshore.acceptance.sandbox;

import io.longshore.acceptance.running.CompiledC;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** {@code src/test/c/probe.c}, compiled, in an image of its own. */
final class Probe {
    static final String IMAGE = "probe:latest";

    private Probe() {}

    /** The image as {@code docker load} takes it. */
    static byte[] archive() throws IOException, InterruptedException {
        TarArchive tar = new TarArchive();
        for (String directory : List.of("dev", "etc", "proc", "sys", "tmp")) {
            tar.directory(directory + "/", 0755);
        }
        tar.file("probe", 0755, CompiledC.binary("probe.c")).file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
        return new SavedImage(List.of(IMAGE), Map.of("Cmd", List.of("/probe")), List.of(tar.bytes())).archive();
    }
}
