package io.longshore.agent.sandbox;

import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.id.ContainerId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** There are none: for an agent whose containers are simulated. */
public final class SimulatedNamespaces implements Namespaces {
    private static final Opened NOTHING = new Opened() {
        @Override
        public @Nullable NetworkNamespace namespace() {
            return null;
        }

        @Override
        public void serve(ContainerSpec container, List<EndpointSpec> endpoints) {}

        @Override
        public void close() {}
    };

    @Override
    public Opened take(ContainerId container) {
        return NOTHING;
    }

    @Override
    public Opened reopen(ContainerId container, int pid) {
        return NOTHING;
    }

    @Override
    public void release(ContainerId container) {
        // There is nothing to let go of.
    }

    @Override
    public Set<ContainerId> held() {
        return Set.of();
    }

    @Override
    public void close() {
        // There is nothing to close.
    }
}
