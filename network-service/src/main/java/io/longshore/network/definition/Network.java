package io.longshore.network.definition;

import io.longshore.contracts.agent.NetworkSpec;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network.
 *
 * @param id 64 hexadecimal digits
 * @param project whose it is
 * @param name unique in the project
 * @param driver of the nodes
 * @param created when the project got it
 * @param state whether it can be used
 * @param definition what was asked for
 * @param pools where its addresses come from, IPv4 first
 * @param overlay how its nodes reach each other; null for a network that each node has for itself, and until it is in the database
 */
public record Network(
        String id,
        String project,
        String name,
        String driver,
        Instant created,
        State state,
        NetworkDefinition definition,
        List<Pool> pools,
        NetworkSpec.@Nullable Overlay overlay) {
    /** Names that nobody else can give a network. */
    private static final List<String> PREDEFINED = List.of("bridge", "host", "none");

    /** Where it is in its life. */
    public enum State {
        /** The nodes may not have it yet. */
        MAKING,
        READY,
        /** The nodes may still have it. */
        REMOVING
    }

    /**
     * Where addresses of one family come from.
     *
     * @param subnet in CIDR notation
     * @param gateway address
     */
    public record Pool(String subnet, String gateway) {
        public boolean isV6() {
            return subnet.indexOf(':') >= 0;
        }

        /** Its prefix length. */
        public int prefix() {
            return Integer.parseInt(subnet, subnet.indexOf('/') + 1, subnet.length(), 10);
        }
    }

    /** Whether a network of that name is there from the beginning. */
    public static boolean isPredefined(String name) {
        return PREDEFINED.contains(name);
    }

    /** Whether it can neither be made nor removed. */
    public boolean predefined() {
        return isPredefined(name);
    }

    /** Whether its endpoints have addresses. */
    public boolean hasAddresses() {
        return driver.equals(BridgeOptions.DRIVER) || spansNodes();
    }

    /** Whether its containers may be on several nodes. */
    public boolean spansNodes() {
        return driver.equals(OverlayOptions.DRIVER);
    }

    /** As the Engine API says where it is. */
    public String scope() {
        return spansNodes() ? "swarm" : "local";
    }

    /** Whether its containers have to be on one node, as nothing leads from one to another. */
    public boolean isOfOneNode() {
        return driver.equals(BridgeOptions.DRIVER) && !predefined();
    }

    /** The same with these pools. */
    public Network pools(List<Pool> others) {
        return new Network(id, project, name, driver, created, state, definition, others, overlay);
    }

    /** What nodes make of it. */
    public NetworkSpec spec() {
        if (!hasAddresses()) {
            return NetworkSpec.plain(id, name, driver);
        }
        return new NetworkSpec(
                id,
                name,
                driver,
                definition.internal(),
                pools.stream()
                        .map(pool -> new NetworkSpec.Subnet(pool.subnet(), pool.gateway()))
                        .toList(),
                BridgeOptions.of(this),
                overlay);
    }
}
