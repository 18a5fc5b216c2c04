package io.longshore.agent.networkdriver.host;

import io.longshore.agent.networkdriver.Endpoint;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.Publication;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.id.ContainerId;
import java.util.Collection;
import java.util.List;

/** Docker's {@code host} network: no sandbox of its own. */
public final class HostNetworkDriver implements NetworkDriver {
    @Override
    public String name() {
        return "host";
    }

    @Override
    public Place place() {
        return Place.NODE;
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
        return List.of(); // All ports are the node's.
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
