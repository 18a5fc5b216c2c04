package io.longshore.agent.sandbox;

import io.longshore.agent.linux.Fd;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import java.io.IOException;
import java.util.List;

/** Something that the agent serves inside of sandboxes, such as name resolution. Thread-safe. */
@FunctionalInterface
public interface SandboxService {
    /** Nothing is served. */
    SandboxService NONE = () -> new Presence() {
        @Override
        public void serve(ContainerSpec container, List<EndpointSpec> endpoints, Inside namespace) {}

        @Override
        public void close() {}
    };

    /** For a namespace of which nothing is known yet. Called once for each namespace in each life of the agent. */
    Presence prepare();

    /** A namespace. */
    interface Inside {
        /** Of the namespace; it stays its owner's. */
        Fd descriptor();

        /**
         * Leads what is sent in the namespace to {@code 127.0.0.11}, port 53, to sockets that are bound to that very address (from a
         * wildcard the answer would come from 127.0.0.1) and other ports; in the place of an earlier such redirect.
         */
        void redirectNames(int udpPort, int tcpPort) throws IOException;
    }

    /** One namespace that is served. */
    interface Presence extends AutoCloseable {
        /** Called when it becomes this container's, and whenever its endpoints change: before its process starts, and while it runs. */
        void serve(ContainerSpec container, List<EndpointSpec> endpoints, Inside namespace) throws IOException;

        /** The container has left, or the agent ends. */
        @Override
        void close();
    }
}
