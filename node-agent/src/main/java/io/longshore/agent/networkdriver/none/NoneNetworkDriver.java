package io.longshore.agent.networkdriver.none;

import io.longshore.agent.networkdriver.Endpoint;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.Publication;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.id.ContainerId;
import java.util.Collection;
import java.util.List;

/** Docker's {@code none} network, whose driver is called {@code null}: the exec driver makes the namespace with the container. */
public final class NoneNetworkDriver implements NetworkDriver {
    @Override
    public String name() {
        return "null";
    }

    @Override
    public Place place() {
        return Place.ALONE;
    }

    @Override
    public void create(NetworkSpec network) {
        // It is there.
    }

    @Override
    public void remove(String network) {
        // It stays.
    }

    @Override
    public void join(Endpoint endpoint) {
        // There is nothing to join.
    }

    @Override
    public void leave(Endpoint endpoint) {
        // There is nothing to leave.
    }

    @Override
    public List<PublishedPort> publish(Publication publication) {
        return List.of(); // Nobody can reach it.
    }

    @Override
    public void unpublish(ContainerId container) {
        // Nothing is published.
    }

    @Override
    public void sweep(Collection<Endpoint> known) {
        // Nothing is ever left.
    }
}
