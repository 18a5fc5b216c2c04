package io.longshore.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Starts of runc, as what an execdriver is measured beside: {@code runc run --detach} of {@code true}, which returns when the container is
 * started, with the bundle that {@code runc spec} writes: fewer walls than ours, no seccomp filter among them.
 */
final class RuncStart {
    private static final Path RUNC = Path.of("/usr/sbin/runc");

    private final Path bundle;
    private final Path state;

    /** Writes the bundle; {@code root} is its root file system. */
    RuncStart(Path directory, Path root) throws IOException {
        this.bundle = Files.createDirectories(directory.resolve("bundle"));
        this.state = directory.resolve("state");
        Command.time(List.of(RUNC.toString(), "spec", "--bundle", bundle.toString()), Map.of());
        Path config = bundle.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config)
                        .replace("\"terminal\": true", "\"terminal\": false")
                        .replace("\"sh\"", "\"/bin/true\"")
                        .replace("\"path\": \"rootfs\"", "\"path\": \"" + root + "\"")
                        .replace("\"readonly\": true", "\"readonly\": false"));
    }

    static boolean available() {
        return Files.isExecutable(RUNC);
    }

    /** Starts one, gives the milliseconds, and removes it. */
    double run() throws IOException {
        String id = "bench-" + UUID.randomUUID();
        double took = Command.time(runc("run", "--detach", "--bundle", bundle.toString(), id), Map.of());
        Command.time(runc("delete", "--force", id), Map.of());
        return took;
    }

    private List<String> runc(String... arguments) {
        return java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(RUNC.toString(), "--root", state.toString()),
                        java.util.stream.Stream.of(arguments))
                .toList();
    }
}
