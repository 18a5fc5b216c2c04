package io.longshore.agent.execdriver;

import java.util.List;

/**
 * How to get a container's root file system. It is mounted inside the container's own mount namespace, so that no mount is
 * ever left in the agent's. All paths are the graph driver's own and absolute unless they say otherwise.
 */
public sealed interface RootFs {
    /** A directory that is the root as it is (vfs). It is bind-mounted over itself. */
    record Directory(String path) implements RootFs {}

    /** A directory in which nothing runs and on which nothing is ever mounted (simulated). */
    record Simulated(String path) implements RootFs {}

    /**
     * An overlay mount (Documentation/filesystems/overlayfs.rst), made after chdir to {@code directory} so that many short
     * names fit into the one page that mount(2) takes.
     *
     * @param directory what the names in {@code lower} are relative to
     * @param lower lower layers, the topmost first, relative to {@code directory}; at least one
     * @param upper where changes go
     * @param work empty directory on upper's file system
     * @param mountPoint existing directory to mount it on
     */
    record Overlay(String directory, List<String> lower, String upper, String work, String mountPoint)
            implements RootFs {
        public Overlay {
            lower = List.copyOf(lower);
            if (lower.isEmpty()) {
                throw new IllegalArgumentException("an overlay on " + mountPoint + " needs a lower layer");
            }
        }
    }
}
