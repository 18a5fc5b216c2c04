package io.longshore.agent.graphdriver;

import io.longshore.agent.linux.path.ContainerRoot;

/**
 * A container's file system as long as it is looked at.
 *
 * @param root its root; what is in it is hostile
 */
public record MountedRoot(ContainerRoot root) implements AutoCloseable {
    @Override
    public void close() {
        root.close();
    }
}
