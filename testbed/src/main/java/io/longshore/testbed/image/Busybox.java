package io.longshore.testbed.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Images of Debian's {@code busybox-static}: {@code /bin/busybox}, a link per applet, users, and a file that must not be executed. */
public final class Busybox {
    private static final Path BINARY = Path.of("/bin/busybox");
    private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private Busybox() {}

    /** {@code busybox:latest} with one layer and the command {@code sh}. */
    public static SavedImage image() {
        return new SavedImage(
                List.of("busybox:latest"), Map.of("Env", List.of(PATH), "Cmd", List.of("sh")), List.of(layer()));
    }

    /** {@code configured:latest}: two layers and a value in every field of the configuration that a container takes over. */
    public static SavedImage configured() {
        byte[] second = new TarArchive()
                .directory("srv/", 0755)
                .file("srv/second", "from the second layer\n")
                .bytes();
        Map<String, Object> config = Map.of(
                "Env", List.of(PATH, "COLOUR=blue"),
                "Entrypoint", List.of("/bin/echo", "entry"),
                "Cmd", List.of("from", "image"),
                "User", "daemon",
                "WorkingDir", "/srv",
                "Labels", Map.of("maker", "acceptance", "tier", "image"),
                "StopSignal", "SIGUSR1",
                "ExposedPorts", Map.of("8080/tcp", Map.of()));
        return new SavedImage(List.of("configured:latest"), config, List.of(layer(), second));
    }

    /** The one layer. The same array each time, which nobody may change: hundreds of archives are made with it. */
    public static byte[] layer() {
        return Made.LAYER;
    }

    /** Made when it is first asked for. */
    private static final class Made {
        static final byte[] LAYER = make();
    }

    private static byte[] make() {
        try {
            TarArchive tar = new TarArchive();
            for (String directory : List.of("bin", "dev", "etc", "home", "proc", "root", "run", "sys", "usr", "var")) {
                tar.directory(directory + "/", 0755);
            }
            tar.directory("tmp/", 01777).file("bin/busybox", 0755, Files.readAllBytes(BINARY));
            for (String applet : applets()) {
                tar.symlink("bin/" + applet, "busybox");
            }
            return tar.file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/var:/bin/sh\n")
                    .file("etc/group", "root:x:0:\ndaemon:x:1:\nextra:x:44:daemon\n")
                    .file("etc/not-executable", "no program\n")
                    .bytes();
        } catch (IOException e) {
            throw new UncheckedIOException("busybox-static must be installed: " + BINARY, e);
        }
    }

    private static List<String> applets() throws IOException {
        Process list = new ProcessBuilder(BINARY.toString(), "--list").start();
        String all = new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return all.lines().filter(applet -> !applet.equals("busybox")).toList();
    }
}
