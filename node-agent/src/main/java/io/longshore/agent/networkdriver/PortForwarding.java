package io.longshore.agent.networkdriver;

import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.id.ContainerId;
import java.util.List;

/** What a {@link NetworkDriver} can beside: ports of this node lead to containers on other nodes. Thread-safe, one operation at a time per container. */
public interface PortForwarding {
    /**
     * Takes ports and sends what comes there to the other node, in the place of what was taken for the container before.
     *
     * @param earlier what was taken before: the same host ports are taken again where they are as wished for
     * @return which they are, in the order of what was asked for; a port on {@code 0.0.0.0} and {@code ::} is two
     * @throws io.longshore.contracts.error.Failure.Conflict in Docker's words when a port is taken; none is taken then
     */
    List<PublishedPort> forward(Forward wanted, List<PublishedPort> earlier);

    /** Gives them up. No error when there are none. */
    void unforward(ContainerId container);
}
