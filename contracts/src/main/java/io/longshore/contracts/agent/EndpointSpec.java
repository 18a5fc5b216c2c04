package io.longshore.contracts.agent;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a container has on a network.
 *
 * @param id 64 hexadecimal digits; empty when there was no network of that name
 * @param network the network
 * @param mac the interface's address as {@code 02:42:ac:11:00:02}, empty on networks without interfaces
 * @param addresses with the subnet's prefix length, {@code 172.18.0.2/16}, IPv4 first; empty on networks without addresses
 * @param names by which others on the network find it: its name, aliases and short id; empty where names are not served
 * @param links other containers of the network, which this one finds under an alias: {@code name:alias}
 * @param gatewayPriority the default gateway is that of the endpoint with the highest
 */
public record EndpointSpec(
        String id,
        NetworkSpec network,
        String mac,
        List<String> addresses,
        List<String> names,
        List<String> links,
        int gatewayPriority) {
    public EndpointSpec {
        addresses = List.copyOf(addresses);
        names = List.copyOf(names);
        links = List.copyOf(links);
    }

    /** On a network without addresses. */
    public static EndpointSpec plain(String id, NetworkSpec network) {
        return new EndpointSpec(id, network, "", List.of(), List.of(), List.of(), 0);
    }

    /** The same with other addresses. */
    public EndpointSpec addresses(List<String> others) {
        return new EndpointSpec(id, network, mac, others, names, links, gatewayPriority);
    }

    /** The same with other names. */
    public EndpointSpec names(List<String> others) {
        return new EndpointSpec(id, network, mac, addresses, others, links, gatewayPriority);
    }

    /** Whether it leads to what is on none of its container's networks; of a family. */
    public boolean leadsOut(boolean v6) {
        return !network.internal()
                && addresses.stream().anyMatch(address -> address.indexOf(':') >= 0 == v6)
                && network.subnets().stream()
                        .anyMatch(subnet ->
                                subnet.isV6() == v6 && !subnet.gateway().isEmpty());
    }

    /** Of a container's endpoints the one that leads out of its sandbox, as libnetwork chooses; of a family. */
    public static Optional<EndpointSpec> leadingOut(Collection<EndpointSpec> endpoints, boolean v6) {
        return endpoints.stream()
                .filter(endpoint -> endpoint.leadsOut(v6))
                .min(Comparator.comparingInt((EndpointSpec endpoint) -> -endpoint.gatewayPriority())
                        .thenComparing(endpoint -> endpoint.network().name()));
    }

    /** Of a container's endpoints the one at which its ports are published. */
    public static Optional<EndpointSpec> publishing(Collection<EndpointSpec> endpoints) {
        return leadingOut(endpoints, false).or(() -> leadingOut(endpoints, true));
    }
}
