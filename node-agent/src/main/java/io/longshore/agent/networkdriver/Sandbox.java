package io.longshore.agent.networkdriver;

import io.longshore.contracts.id.ContainerId;

/** Where a container's network is. */
public sealed interface Sandbox {
    /** A network namespace made with the container and gone with it; only loopback is in it, and it is up. */
    record Private() implements Sandbox {}

    /** The node's own network. */
    record Host() implements Sandbox {}

    /** A network namespace that exists, by a path that is good while the agent holds it. */
    record Namespace(String path) implements Sandbox {}

    /** That of another container, whatever it is, which runs. */
    record Joined(ContainerId container) implements Sandbox {}
}
