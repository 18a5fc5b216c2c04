package io.longshore.agent.networkdriver;

/** Where a container's network is. */
public sealed interface Sandbox {
    /** A network namespace made with the container and gone with it; only loopback is in it, and it is up. */
    record Private() implements Sandbox {}

    /** The node's own network. */
    record Host() implements Sandbox {}

    /** A network namespace that exists, by the path of its nsfs mount. */
    record Namespace(String path) implements Sandbox {}
}
