package io.longshore.contracts.agent;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A network, resolved: what a node makes of it.
 *
 * @param id 64 hexadecimal digits; empty when there was no network of that name, so that a container on it cannot start
 * @param name as its project knows it
 * @param driver of the node: {@code null} (of the network none), {@code host}, {@code bridge}, ...
 * @param internal whether nothing leads out of it
 * @param subnets at most one of each family; empty for networks without addresses
 * @param bridge what drivers {@code bridge} and {@code overlay} know, null for other drivers
 * @param overlay what driver {@code overlay} knows beyond that, null for other drivers
 */
public record NetworkSpec(
        String id,
        String name,
        String driver,
        boolean internal,
        List<Subnet> subnets,
        @Nullable Bridge bridge,
        @Nullable Overlay overlay) {
    public NetworkSpec {
        subnets = subnets == null ? List.of() : List.copyOf(subnets);
    }

    /** One that each node has for itself. */
    public NetworkSpec(
            String id, String name, String driver, boolean internal, List<Subnet> subnets, @Nullable Bridge bridge) {
        this(id, name, driver, internal, subnets, bridge, null);
    }

    /** One of the networks that have no addresses: the drivers {@code null} and {@code host}. */
    public static NetworkSpec plain(String id, String name, String driver) {
        return new NetworkSpec(id, name, driver, false, List.of(), null);
    }

    /** What only driver {@code bridge} knows; {@code IllegalState} for another. */
    public Bridge bridgeOptions() {
        return Objects.requireNonNull(bridge, () -> "network " + name + " is no bridge");
    }

    /** What only driver {@code overlay} knows; {@code IllegalState} for another. */
    public Overlay overlayOptions() {
        if (overlay == null) {
            throw new IllegalStateException("network " + name + " is no overlay network");
        }
        return overlay;
    }

    /** Whether its containers may be on several nodes. */
    public boolean spansNodes() {
        return overlay != null;
    }

    /**
     * How an overlay network's nodes reach each other (VXLAN, RFC 7348).
     *
     * @param vni number of the network on the wire, 1 to 16,777,215, that no other network of the fleet has
     * @param port of UDP at which all nodes listen
     */
    public record Overlay(int vni, int port) {}

    /**
     * Where its addresses come from.
     *
     * @param range in CIDR notation, its host bits zero: {@code 172.18.0.0/16}, {@code fd00:1::/64}
     * @param gateway the bridge's own address in it, empty for none
     */
    public record Subnet(String range, String gateway) {
        /** Whether it is of IPv6. */
        public boolean isV6() {
            return range.indexOf(':') >= 0;
        }
    }

    /**
     * Options of drivers {@code bridge} and {@code overlay}, as the Engine API's {@code com.docker.network.bridge.*} have them.
     *
     * @param device name of the Linux bridge, at most 15 bytes
     * @param predefined whether it is the project's default network, on which names are not served and links are lines in /etc/hosts
     * @param communication whether its containers reach each other (enable_icc)
     * @param masquerade whether what leaves it takes the node's address (enable_ip_masquerade)
     * @param publishAddress where ports are published that name no address (host_binding_ipv4): {@code 0.0.0.0}, which takes in {@code ::}
     * @param mtu in bytes, 0 for the kernel's default
     * @param interfacePrefix of the interfaces in containers (com.docker.network.container_iface_prefix): {@code eth}
     */
    public record Bridge(
            String device,
            boolean predefined,
            boolean communication,
            boolean masquerade,
            String publishAddress,
            int mtu,
            String interfacePrefix) {}
}
