package io.longshore.agent.networkdriver;

import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.id.ContainerId;
import org.jspecify.annotations.Nullable;

/**
 * What connects a sandbox with a network.
 *
 * @param container whose
 * @param spec as it is to be
 * @param inside name of the interface in the sandbox: {@code eth0}
 * @param outside name of its other end on the node, at most 15 bytes, that no other endpoint ever had
 * @param sandbox where it is; null in an agent without a kernel, and when the sandbox goes as a whole
 */
public record Endpoint(
        ContainerId container,
        EndpointSpec spec,
        String inside,
        String outside,
        @Nullable NetworkNamespace sandbox) {
    /** What the names of interfaces on the node begin with, so that they are known for ours. */
    public static final String OUTSIDE = "ls";

    /** The sandbox of an endpoint that is joined. */
    public NetworkNamespace namespace() {
        if (sandbox == null) {
            throw new IllegalStateException("endpoint " + outside + " has no sandbox");
        }
        return sandbox;
    }
}
