package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.netlink.Cidr;
import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Ports of this node that lead to containers on other nodes: each is bound and translated as a published one is. Thread-safe. */
final class PortForwards implements AutoCloseable {
    private final HostPorts hostPorts;
    private final Firewall firewall;
    private final Map<ContainerId, Taken> taken = new ConcurrentHashMap<>();

    PortForwards(HostPorts hostPorts, Firewall firewall) {
        this.hostPorts = hostPorts;
        this.firewall = firewall;
    }

    /** Of one container. */
    private record Taken(List<HostPorts.Claim> claims, List<Translation> translations) {
        void close() {
            claims.forEach(HostPorts.Claim::close);
        }
    }

    /** See {@code PortForwarding}. */
    List<PublishedPort> forward(Forward wanted, List<PublishedPort> before) {
        unforward(wanted.container());
        InetAddress node = other(wanted);
        InetAddress source = wanted.source().isEmpty() ? null : Cidr.address(wanted.source());
        HostPorts.Purpose purpose = new HostPorts.Purpose(wanted.name(), wanted.endpoint(), "");
        List<PublishedPort> earlier = new ArrayList<>(before);
        List<HostPorts.Claim> claims = new ArrayList<>();
        try {
            for (Port port : wanted.ports()) {
                // Only there the other node looks who asks; elsewhere the kernel knows best.
                InetAddress from = port.hostAddress().isEmpty() ? null : source;
                Target target = new Target(List.of(node), 0, from, Set.of());
                claims.add(EarlierPorts.claim(hostPorts, purpose, port, earlier, target));
            }
            List<Translation> translations = claims.stream()
                    .flatMap(claim -> claim.translations().stream())
                    .toList();
            if (translations.stream().anyMatch(each -> each.kind() == Translation.Kind.FAR)) {
                Devices.forward(node.getAddress().length > 4);
            }
            if (!translations.isEmpty()) {
                firewall.publish(translations);
            }
            taken.put(wanted.container(), new Taken(claims, translations));
        } catch (IOException e) {
            claims.forEach(HostPorts.Claim::close);
            throw new Failure.Internal(
                    "cannot forward ports to container " + wanted.name() + " on node " + wanted.node() + ": "
                            + e.getMessage(),
                    e);
        } catch (RuntimeException e) {
            claims.forEach(HostPorts.Claim::close);
            throw e;
        }
        return claims.stream().flatMap(claim -> claim.published().stream()).toList();
    }

    /** What is forwarded goes to another machine, and never to a program of this one that listens for itself alone. */
    private static InetAddress other(Forward wanted) {
        InetAddress node = Cidr.address(wanted.node());
        try {
            if (node.isLoopbackAddress()
                    || node.isAnyLocalAddress()
                    || node.isMulticastAddress()
                    || NetworkInterface.getByInetAddress(node) != null) {
                throw new Failure.Invalid(
                        "cannot forward ports to container " + wanted.name() + " on node " + wanted.node()
                                + ": that is no address of another machine; set agent.data-address on that node");
            }
        } catch (SocketException e) {
            throw new Failure.Internal("cannot find out this node's addresses: " + e.getMessage(), e);
        }
        return node;
    }

    void unforward(ContainerId container) {
        Taken ports = taken.remove(container);
        if (ports == null) {
            return;
        }
        try {
            if (!ports.translations().isEmpty()) {
                firewall.unpublish(ports.translations());
            }
        } catch (IOException e) {
            taken.put(container, ports);
            throw new Failure.Internal(
                    "cannot give up ports of container " + container + " on another node: " + e.getMessage(), e);
        }
        ports.close();
    }

    /** The agent ends: what the kernel translates goes on. */
    @Override
    public void close() {
        taken.values().forEach(Taken::close);
        taken.clear();
    }
}
