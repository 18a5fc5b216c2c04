package io.longshore.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.cgroup.TestHierarchies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What containers of a native agent leave on the machine when something is forgotten.
 *
 * @param directory of the test, below which nothing may be mounted
 * @param runDirectory of the agent, in which no socket or note may be left
 * @param cgroupRoot of the agent, such as {@code /longshore}, below which no container's cgroup may be left
 */
record NodeLeftovers(Path directory, Path runDirectory, String cgroupRoot) {
    /** Directories of the agent's own, which stay and are empty. */
    private static final List<String> NETWORK = List.of("netns", "sandboxes");

    /** Fails with what there is. */
    void assertNone() throws IOException {
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(directory.toString());
        try (Stream<Path> entries = Files.list(runDirectory)) {
            assertThat(entries.map(entry -> String.valueOf(entry.getFileName())))
                    .isSubsetOf(NETWORK);
        }
        for (String part : NETWORK) {
            if (Files.exists(runDirectory.resolve(part))) {
                assertThat(runDirectory.resolve(part)).isEmptyDirectory();
            }
        }
        for (Path root : roots()) {
            try (Stream<Path> entries = Files.list(root)) {
                assertThat(entries.filter(Files::isDirectory).map(entry -> String.valueOf(entry.getFileName())))
                        .as("cgroups in %s", root)
                        .isSubsetOf("supervisors");
            }
        }
    }

    /** Removes what the agent itself made for good. */
    void remove() throws IOException {
        for (String part : NETWORK) {
            Files.deleteIfExists(runDirectory.resolve(part));
        }
        Files.deleteIfExists(runDirectory);
        for (Path root : roots()) {
            Files.deleteIfExists(root.resolve("supervisors"));
            Files.deleteIfExists(root);
        }
    }

    private List<Path> roots() {
        return TestHierarchies.directories(cgroupRoot).stream()
                .filter(Files::isDirectory)
                .toList();
    }
}
