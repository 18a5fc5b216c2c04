package io.longshore.agent.link;

import io.longshore.agent.etc.HostsFile;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.LinkSpec;
import java.net.InetAddress;
import java.util.List;

/**
 * A container that another is linked to, as it is now.
 *
 * @param link what the other has of it
 * @param hostname its own
 * @param addresses on the default network, IPv4 first, never empty
 */
public record LinkedContainer(LinkSpec link, String hostname, List<InetAddress> addresses) {
    /** Of a container that runs; without addresses if it is not on the default network. */
    static LinkedContainer of(LinkSpec link, ContainerSpec container) {
        List<InetAddress> addresses = container.network().endpoints().stream()
                .filter(endpoint -> endpoint.network().bridge() != null
                        && endpoint.network().bridgeOptions().predefined())
                .flatMap(endpoint -> endpoint.addresses().stream())
                .map(address -> InetAddress.ofLiteral(address.substring(0, address.indexOf('/'))))
                .toList();
        return new LinkedContainer(link, container.hostname(), addresses);
    }

    /** Its lines in the other's /etc/hosts. */
    public List<HostsFile.Entry> hosts() {
        return HostsFile.link(link.alias(), hostname, link.name(), addresses);
    }
}
