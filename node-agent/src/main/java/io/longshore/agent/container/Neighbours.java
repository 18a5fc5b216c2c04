package io.longshore.agent.container;

import io.longshore.agent.link.Links;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.id.ContainerId;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What links need to know of the containers of this node. Thread-safe, and waits for none of them.
 *
 * @param known all of them
 * @param relink has one look again where those are that it is linked to
 */
record Neighbours(Map<ContainerId, Container> known, Consumer<Container> relink) implements Links.Neighbours {
    @Override
    public Links.@Nullable Neighbour find(ContainerId id) {
        Container container = known.get(id);
        ContainerSpec spec = container == null ? null : container.specOrNull();
        return container == null || spec == null
                ? null
                : new Links.Neighbour(spec, container.phase().maySignal());
    }

    @Override
    public void relink(ContainerId started) {
        for (Container container : known.values()) {
            ContainerSpec spec = container.specOrNull();
            if (spec != null && spec.network().isLinkedTo(started)) {
                relink.accept(container);
            }
        }
    }
}
