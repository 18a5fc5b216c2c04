package io.longshore.contracts.agent;

import io.longshore.contracts.id.ContainerId;
import java.util.List;

/**
 * Ports of a container on another node that are to answer at this one: what comes to one of them is sent to the port of the same number there.
 *
 * @param container whose they are
 * @param start for which of its starts
 * @param name of the container, for messages
 * @param endpoint id of the endpoint at which they are published there, for messages; may be empty
 * @param node IP address of that node
 * @param source IP address of this node by which the other one knows it: what comes to ports at one address is sent from there; may be empty
 * @param ports of protocol {@code tcp} or {@code udp}; none for a container that is about to be started again by its node, whose ports
 *     stay as they are
 */
public record Forward(
        ContainerId container, long start, String name, String endpoint, String node, String source, List<Port> ports) {
    public Forward {
        ports = List.copyOf(ports);
    }

    /** The same, sent from another address of the node. */
    public Forward from(String address) {
        return new Forward(container, start, name, endpoint, node, address, ports);
    }

    /** The same with other ports. */
    public Forward ports(List<Port> others) {
        return new Forward(container, start, name, endpoint, node, source, others);
    }
}
