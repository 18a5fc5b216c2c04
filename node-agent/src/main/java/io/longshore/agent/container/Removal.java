package io.longshore.agent.container;

import io.longshore.agent.state.StateStore;
import io.longshore.contracts.agent.ContainerSpec;

/** Takes a container away; once begun, it can only be finished. */
final class Removal {
    private final Assembly assembly;
    private final StateStore store;

    Removal(Assembly assembly, StateStore store) {
        this.assembly = assembly;
        this.store = store;
    }

    /** Removes it, killing what still runs. If this fails half-way, the same call finishes it. */
    void remove(Container container) {
        store.removing(container.id());
        container.removing();
        container.cancelWaiting();
        ContainerSpec spec = container.specOrNull();
        if (spec == null) {
            assembly.remove(container.id());
        } else {
            if (container.held()) {
                assembly.release(spec);
                container.released();
            }
            assembly.removeRoot(container.id());
        }
        store.forget(container.id());
        container.removed(true);
    }
}
