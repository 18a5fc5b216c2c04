package io.longshore.platform.client;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.platform.engine.LongshoreVersion;
import io.longshore.platform.web.HttpStatuses;

/**
 * Whom a client calls.
 *
 * @param name for messages
 * @param replicas where it listens
 */
public record Peer(String name, Replicas replicas) {
    /** The agent of a node. */
    public static Peer agent(Node node) {
        String version = node.info().version();
        return new Peer(
                "agent of node " + node.name() + (version == null ? "" : " (Longshore " + version + ")"),
                Replicas.of(Address.of(node)));
    }

    /**
     * What a failure that it answered is to whoever called: who is of an earlier version does not know every call, and says that there is no such
     * page.
     */
    public Failure answered(Failure failure, String call) {
        return failure instanceof Failure.NotFound && failure.text().equals(HttpStatuses.NO_SUCH_PAGE)
                ? new Failure.NotImplemented(
                        name + " does not have " + call + ": upgrade it to Longshore " + LongshoreVersion.own())
                : failure;
    }
}
