package io.longshore.fleet.join;

import io.longshore.contracts.id.NodeId;
import io.longshore.platform.identity.PartIdentity;
import java.time.Clock;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Which machines are of the fleet. Thread-safe. */
@Component
public class Membership {
    private final JoinStore store;
    private final Clock clock;

    Membership(JoinStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** It is not of the fleet any more: its certificates are revoked, and its name is free. In the caller's transaction. */
    public void remove(NodeId node) {
        store.delete(node, new PartIdentity.Node(node).uri(), clock.instant());
    }

    /** The name that a machine has joined with; empty for a node that never joined, since it is on the machine of fleet-service. */
    public Optional<String> name(NodeId node) {
        return store.nameOf(node);
    }

    /** As {@link #name}. In the caller's transaction, to whose end it is not removed. */
    public Optional<String> lockedName(NodeId node) {
        return store.lockedNameOf(node);
    }

    /**
     * Which machine has joined by this name. In the caller's transaction, to whose end none does: two replicas may be told of one name at
     * once.
     */
    public Optional<NodeId> joinedAs(String name) {
        store.lockName(name);
        return store.named(name);
    }

    /** A machine that has joined and was never heard of, by its name or id. */
    public Optional<NodeId> find(String reference) {
        return store.joined(reference);
    }

    /** Whether it was of the fleet, and was removed: it may not come back by reporting. */
    public boolean wasRemoved(NodeId node) {
        return store.hasRevoked(new PartIdentity.Node(node).uri());
    }
}
