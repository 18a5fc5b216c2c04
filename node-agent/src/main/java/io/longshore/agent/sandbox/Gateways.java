package io.longshore.agent.sandbox;

import io.longshore.agent.linux.netlink.Cidr;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec.Subnet;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Optional;

/** Which of a sandbox's networks leads out of it, as libnetwork chooses. Pure. */
final class Gateways {
    private Gateways() {}

    /** The endpoint through whose network a sandbox reaches what is on none of its networks; of a family. */
    static Optional<EndpointSpec> choose(Collection<EndpointSpec> endpoints, boolean v6) {
        return EndpointSpec.leadingOut(endpoints, v6);
    }

    /** The address of a network's gateway; empty when nothing leads out of it, or the endpoint has no address of the family. */
    static Optional<InetAddress> gateway(EndpointSpec endpoint, boolean v6) {
        if (!endpoint.leadsOut(v6)) {
            return Optional.empty();
        }
        return endpoint.network().subnets().stream()
                .filter(subnet -> subnet.isV6() == v6 && !subnet.gateway().isEmpty())
                .map(Subnet::gateway)
                .map(Cidr::address)
                .findFirst();
    }
}
