package io.longshore.agent.sandbox;

import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.util.List;

/** Something that the agent serves inside of sandboxes, such as name resolution. Thread-safe. */
@FunctionalInterface
public interface SandboxService {
    /** Nothing is served. */
    SandboxService NONE = namespace -> new Presence() {
        @Override
        public void serve(ContainerId container, List<EndpointSpec> endpoints) {}

        @Override
        public void close() {}
    };

    /**
     * Prepares to serve in a namespace, whose container is not known yet: it may be for a container that comes later. Called once for each
     * namespace in each life of the agent, on a platform thread that is in that namespace and is thrown away: sockets that are opened
     * here belong to it.
     */
    Presence prepare(Inside namespace) throws IOException;

    /** What a thread in a namespace may do there. */
    interface Inside {
        /**
         * Leads what is sent in the namespace to {@code 127.0.0.11}, port 53, to sockets that are bound to that very address (from a
         * wildcard the answer would come from 127.0.0.1) and other ports; in the place of an earlier such redirect.
         */
        void redirectNames(int udpPort, int tcpPort) throws IOException;
    }

    /** One namespace that is served. */
    interface Presence extends AutoCloseable {
        /** Called when it becomes this container's, and whenever its endpoints change: before its process starts, and while it runs. */
        void serve(ContainerId container, List<EndpointSpec> endpoints);

        /** The container has left, or the agent ends. */
        @Override
        void close();
    }
}
