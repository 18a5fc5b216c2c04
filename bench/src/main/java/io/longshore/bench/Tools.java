package io.longshore.bench;

import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.process.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What measures networks, from Debian's packages: on this machine, and in an image with the libraries that they need. */
final class Tools {
    private static final Path IPERF = Path.of("/usr/bin/iperf3");
    private static final Path DNSPERF = Path.of("/usr/bin/dnsperf");
    private static final Path WRK = Path.of("/usr/bin/wrk");
    /** A line of ldd(1): {@code libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x...)}, or the loader's path alone. */
    private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");

    /** Name of the image. */
    static final String IMAGE = "tools:latest";

    /** The container that is asked for in the file {@code /queries}. */
    static final String ASKED = "target";

    private Tools() {}

    static boolean available() {
        return List.of(IPERF, DNSPERF, WRK).stream().allMatch(Files::isExecutable);
    }

    /** busybox, iperf3(1), dnsperf(1) and a file of 1 kB in {@code /www}. */
    static SavedImage image() throws IOException {
        Set<Path> files = new LinkedHashSet<>(List.of(IPERF, DNSPERF));
        for (Path program : List.of(IPERF, DNSPERF)) {
            Matcher library =
                    LIBRARY.matcher(Program.run("ldd", program.toString()).ok().out());
            while (library.find()) {
                files.add(Path.of(library.group(1)));
            }
        }
        Set<String> directories = new LinkedHashSet<>();
        for (Path file : files) {
            for (int i = 1; i < file.getNameCount(); i++) {
                directories.add(file.subpath(0, i) + "/");
            }
        }
        TarArchive tar = new TarArchive();
        directories.forEach(directory -> tar.directory(directory, 0755));
        for (Path file : files) {
            tar.file(file.toString().substring(1), 0755, Files.readAllBytes(file));
        }
        tar.directory("www/", 0755).file("www/page", "x".repeat(1024)).file("queries", ASKED + " A\n");
        return new SavedImage(
                List.of(IMAGE),
                Map.of("Env", List.of("PATH=/usr/bin:/bin"), "Cmd", List.of("sh")),
                List.of(Busybox.layer(), tar.bytes()));
    }
}
