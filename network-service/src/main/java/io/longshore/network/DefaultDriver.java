package io.longshore.network;

import io.longshore.contracts.Caller;
import io.longshore.network.address.NetworkProperties;
import io.longshore.network.definition.BridgeOptions;
import io.longshore.network.definition.CreateBody;
import io.longshore.network.definition.NetworkDefinition;
import io.longshore.network.definition.OverlayOptions;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Chooses the driver of networks whose makers name none: Compose and Testcontainers leave it to the engine, and expect all that they start to
 * find each other there. Thread-safe.
 */
@Component
class DefaultDriver {
    private final NodeNetworks nodes;
    private final NetworkProperties properties;

    DefaultDriver(NodeNetworks nodes, NetworkProperties properties) {
        this.nodes = nodes;
        this.properties = properties;
    }

    /** A driver, and what a network of it is. */
    record Choice(String driver, NetworkDefinition definition) {}

    /** The driver that was named, else the one that reaches all nodes. Failures: {@code NotImplemented} for options that it does not have yet. */
    Choice of(Caller caller, CreateBody.Wish wish) {
        return wish.driver() == null
                ? choose(wish.definition(), properties.defaultDriver(), nodes.dataAddresses(caller))
                : new Choice(wish.driver(), wish.definition());
    }

    /**
     * Where nobody named one.
     *
     * @param configured null for none
     * @param addresses at which nodes reach each other
     */
    static Choice choose(NetworkDefinition definition, @Nullable String configured, List<String> addresses) {
        String driver = Objects.requireNonNullElse(
                configured, addresses.size() < 2 ? BridgeOptions.DRIVER : OverlayOptions.DRIVER);
        if (driver.equals(BridgeOptions.DRIVER)) {
            return new Choice(driver, definition);
        }
        boolean v6 = addresses.stream().anyMatch(address -> address.indexOf(':') >= 0);
        return new Choice(driver, OverlayOptions.chosen(definition, v6));
    }
}
