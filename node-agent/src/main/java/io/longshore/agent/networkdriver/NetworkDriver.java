package io.longshore.agent.networkdriver;

import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.id.ContainerId;
import java.util.Collection;
import java.util.List;

/**
 * Connects containers, after libnetwork's model: a sandbox is a network stack, an endpoint connects it with one network. All verbs are
 * idempotent and may be repeated after a crash. Thread-safe; one operation at a time per container, and per network, is the caller's job.
 * They wait for the kernel, so they are called on a {@link io.longshore.agent.linux.NativePool}.
 */
public interface NetworkDriver extends AutoCloseable {
    /** Where a container on a network of this driver is. */
    enum Place {
        /** In a network of its own that the exec driver makes with it, with loopback only. */
        ALONE,
        /** In the node's own network. */
        NODE,
        /** In a sandbox, which endpoints are put into. */
        SANDBOX
    }

    /** As {@code NetworkSpec.driver} names it: {@code null}, {@code host}, {@code bridge}. */
    String name();

    /** The same for all its networks. Drivers that do not say {@link Place#SANDBOX} are not asked to join or publish anything. */
    Place place();

    /**
     * Makes a network, and again after each start of the machine. {@code Conflict} when a subnet overlaps with what the node has a route to,
     * or when its device's name is taken; {@code Invalid} names an option that makes no sense.
     */
    void create(NetworkSpec network);

    /** Removes one. No error when there is none. */
    void remove(String network);

    /** Those that are there, also from before the agent's start; none for drivers that do not keep them. */
    default List<NetworkSpec> networks() {
        return List.of();
    }

    /** Puts an interface into the sandbox and gives it its addresses. {@code NotFound} when the node does not have the network. */
    void join(Endpoint endpoint);

    /**
     * Takes the interface away: when this returns, nothing comes from it or goes to it, and before long it is gone. No error when there is
     * none.
     */
    void leave(Endpoint endpoint);

    /**
     * Publishes ports of a container at an endpoint of it, in the place of what was published of it before.
     *
     * @return what is published, in the order of what was asked for; a port on {@code 0.0.0.0} and {@code ::} is two
     * @throws io.longshore.contracts.error.Failure.Conflict in Docker's words when a port is taken; nothing is published then
     */
    List<PublishedPort> publish(Publication publication);

    /** Publishes nothing of a container any more. No error when there is nothing. */
    void unpublish(ContainerId container);

    /** After a start of the agent: these are all endpoints that there are, and whatever else is there is left of a crash and goes. */
    void sweep(Collection<Endpoint> known);

    /** What an operator should know of how this driver stands on this node, one sentence each. */
    default List<String> remarks() {
        return List.of();
    }

    /** The agent ends; networks and endpoints stay. */
    @Override
    default void close() {}
}
