package io.longshore.agent.graphdriver;

import java.io.IOException;

/** Hears of what a container has changed on its image. */
@FunctionalInterface
public interface ChangeListener {
    /** What happened to a path (Engine API, ContainerChanges). */
    enum Kind {
        MODIFIED(0),
        ADDED(1),
        DELETED(2);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        /** As the Engine API has it. */
        public int number() {
            return number;
        }
    }

    /** One path, absolute in the container. */
    void changed(Kind kind, String path) throws IOException;
}
