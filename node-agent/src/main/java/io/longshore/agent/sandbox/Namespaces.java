package io.longshore.agent.sandbox;

import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where sandboxes' network namespaces come from. Thread-safe; one operation at a time per container. */
public interface Namespaces extends AutoCloseable {
    /** One that is open in this agent, with what is served in it. */
    interface Opened extends AutoCloseable {
        /** Null in an agent without a kernel. */
        @Nullable
        NetworkNamespace namespace();

        /** See {@link SandboxService.Presence#serve}. */
        void serve(ContainerSpec container, List<EndpointSpec> endpoints) throws IOException;

        @Override
        void close();
    }

    /** A new one for a container, which is there until {@link #release}, also when the agent ends. */
    Opened take(ContainerId container) throws IOException;

    /** That of a container that was taken in an earlier life of the agent; {@code pid} is a process in it. */
    Opened reopen(ContainerId container, int pid) throws IOException;

    /** Lets go of a container's: it ends with its last process. No error when there is none. */
    void release(ContainerId container) throws IOException;

    /** The containers that have one. */
    Set<ContainerId> held();

    /** The agent ends. */
    @Override
    void close();
}
