package io.longshore.acceptance.crash.load;

import io.longshore.testbed.engine.Cgroups;
import io.longshore.testbed.engine.Longshore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel says of a container's cgroup. */
final class ContainerCgroup {
    private ContainerCgroup() {}

    /** A file of the container's cgroup in a hierarchy of version 1, without the end of the line. */
    static String read(Longshore longshore, String id, String controller, String file) {
        Path directory = Cgroups.below(longshore.cgroup()).stream()
                .filter(path -> path.startsWith(Path.of("/sys/fs/cgroup", controller)))
                .filter(path -> path.getFileName().toString().contains(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError("container " + id + " has no cgroup of " + controller));
        try {
            return Files.readString(directory.resolve(file)).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
