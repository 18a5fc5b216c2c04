package io.longshore.agent.networkdriver;

import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import java.util.List;

/**
 * Ports to be published.
 *
 * @param name of the container, for messages
 * @param endpoint where they are reached
 * @param ports what is asked for
 * @param earlier what was published of it before the agent's restart or a change of its networks: the same host ports are taken again
 */
public record Publication(String name, Endpoint endpoint, List<Port> ports, List<PublishedPort> earlier) {
    public Publication {
        ports = List.copyOf(ports);
        earlier = List.copyOf(earlier);
    }
}
