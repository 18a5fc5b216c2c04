package io.longshore.platform.client;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.platform.engine.LongshoreVersion;
import io.longshore.platform.web.HttpStatuses;
import org.jspecify.annotations.Nullable;

/**
 * Whom a client calls.
 *
 * @param name for messages
 * @param replicas where it listens
 * @param version of Longshore, as it says; null for one that does not
 */
public record Peer(String name, Replicas replicas, @Nullable String version) {
    /** One that does not say its version. */
    public Peer(String name, Replicas replicas) {
        this(name, replicas, null);
    }

    /** The agent of a node. */
    public static Peer agent(Node node) {
        String version = node.info().version();
        return new Peer(
                "agent of node " + node.name() + (version == null ? "" : " (Longshore " + version + ")"),
                Replicas.of(Address.of(node)),
                version);
    }

    /**
     * What a failure that it answered is to whoever called: who is of an earlier version does not know every call, and says that there is no such
     * page.
     *
     * @param call its method and target, of which the query is not said
     */
    public Failure answered(Failure failure, String call) {
        boolean unknown = failure instanceof Failure.NotFound && failure.text().equals(HttpStatuses.NO_SUCH_PAGE);
        if (!unknown || LongshoreVersion.own().equals(version)) {
            return failure;
        }
        int query = call.indexOf('?');
        return new Failure.NotImplemented(name + " does not have " + (query < 0 ? call : call.substring(0, query))
                + ": upgrade it to Longshore " + LongshoreVersion.own());
    }
}
