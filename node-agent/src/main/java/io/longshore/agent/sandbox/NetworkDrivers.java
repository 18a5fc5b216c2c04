package io.longshore.agent.sandbox;

import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.error.Failure;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The network drivers of this node by name. Immutable. */
public final class NetworkDrivers {
    private final Map<String, NetworkDriver> byName = new TreeMap<>();

    public NetworkDrivers(Collection<NetworkDriver> drivers) {
        drivers.forEach(driver -> byName.put(driver.name(), driver));
    }

    /** Their names, sorted. */
    public List<String> names() {
        return List.copyOf(byName.keySet());
    }

    /** What an operator should know of how they stand on this node. */
    public List<String> remarks() {
        return byName.values().stream()
                .flatMap(driver -> driver.remarks().stream())
                .toList();
    }

    Collection<NetworkDriver> all() {
        return byName.values();
    }

    /** That of an endpoint's network; {@code NotFound} if there was no such network. */
    NetworkDriver of(EndpointSpec endpoint) {
        if (endpoint.network().id().isEmpty()) {
            throw new Failure.NotFound("network " + endpoint.network().name() + " not found");
        }
        return named(endpoint.network().driver());
    }

    NetworkDriver named(String name) {
        NetworkDriver driver = byName.get(name);
        if (driver == null) {
            throw new Failure.Invalid(
                    "unknown network driver: " + name + "; this node has " + String.join(", ", byName.keySet()));
        }
        return driver;
    }
}
