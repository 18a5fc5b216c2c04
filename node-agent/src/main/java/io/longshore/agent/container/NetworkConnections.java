package io.longshore.agent.container;

import io.longshore.agent.container.NetworkFiles.Connections;
import io.longshore.agent.container.NetworkFiles.Servers;
import io.longshore.agent.link.LinkedContainer;
import io.longshore.agent.link.Links;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import java.net.InetAddress;
import java.util.List;

/** What a container's endpoints mean for its /etc/hosts and /etc/resolv.conf. Pure. */
final class NetworkConnections {
    private NetworkConnections() {}

    /** @param linked those that it is linked to */
    static Connections of(ContainerSpec.Network network, List<LinkedContainer> linked) {
        return new Connections(servers(network), addresses(network), true, Links.hosts(linked), gateways(network));
    }

    private static Servers servers(ContainerSpec.Network network) {
        List<EndpointSpec> bridged = network.endpoints().stream()
                .filter(endpoint -> endpoint.network().bridge() != null)
                .toList();
        if (bridged.isEmpty()) {
            return Servers.NODE;
        }
        boolean alone = bridged.stream()
                .allMatch(endpoint -> endpoint.network().bridgeOptions().predefined());
        return alone ? Servers.BRIDGE : Servers.EMBEDDED;
    }

    /** Its own addresses, in the order of its endpoints. */
    static List<InetAddress> addresses(ContainerSpec.Network network) {
        return network.endpoints().stream()
                .flatMap(endpoint -> endpoint.addresses().stream())
                .map(address -> InetAddress.ofLiteral(address.substring(0, address.indexOf('/'))))
                .toList();
    }

    /** The node's own addresses on its networks: by them it reaches the node. */
    private static List<InetAddress> gateways(ContainerSpec.Network network) {
        return network.endpoints().stream()
                .flatMap(endpoint -> endpoint.network().subnets().stream())
                .map(NetworkSpec.Subnet::gateway)
                .filter(gateway -> !gateway.isEmpty())
                .map(InetAddress::ofLiteral)
                .limit(1)
                .toList();
    }
}
