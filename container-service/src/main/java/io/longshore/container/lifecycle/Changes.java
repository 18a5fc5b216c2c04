package io.longshore.container.lifecycle;

import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.network.KeptEndpoints;
import io.longshore.contracts.network.NetworkApi;
import java.util.function.Predicate;
import org.springframework.stereotype.Component;

/**
 * Changes of what a container is asked to be. From its beginning to its end the row says that there is one, so that whatever cuts it off, its
 * node is told again what the row says, and what is claimed beyond that is given up: by who changes the container next, else by the reconcile
 * loop ({@link Updating#undo}). Thread-safe; the container's lock is the caller's job.
 */
@Component
public class Changes {
    private static final int MOST_ATTEMPTS = 10;

    private final ContainerStore store;
    private final Commands commands;
    private final NetworkApi networks;

    Changes(ContainerStore store, Commands commands, NetworkApi networks) {
        this.store = store;
        this.commands = commands;
        this.networks = networks;
    }

    /** Commits that there is one. What is left of one before it is taken back first: the end of this one would end that one's mark as well. */
    public void begin(Caller caller, ContainerRow row) {
        if (store.updating(row.id())) {
            restore(caller, row);
        }
    }

    /**
     * Ends one: writes the row, which may change meanwhile by what its process does; other commands are kept away by the container's lock.
     *
     * @param first the row as it was read
     * @param writing writes what is to be in the row that it is given; false when that is no longer the latest
     * @throws Failure.Unavailable if it changes all the time, or has moved to another node, which has not heard of this; the change is taken back then, see {@link Updating#undo}
     */
    public void end(ContainerRow first, Predicate<ContainerRow> writing) {
        ContainerRow row = first;
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            if (writing.test(row)) {
                return;
            }
            row = now(first);
        }
        throw new Failure.Unavailable("container " + first.id() + " changes too often just now: try again");
    }

    /** The row as it is now. What was made of an earlier one, with that node's endpoints, is not for one that has moved since. */
    ContainerRow now(ContainerRow first) {
        ContainerRow row =
                store.byId(first.id()).orElseThrow(() -> new Failure.NotFound("No such container: " + first.id()));
        if (row.generation() != first.generation()) {
            throw new Failure.Unavailable(
                    "container " + first.id() + " was moved to another node meanwhile: try again");
        }
        return row;
    }

    /** The node and the network service hear what the row says. */
    void restore(Caller caller, ContainerRow row) {
        tell(caller, row, row.resolved());
        tellNetwork(caller, row);
        networks.keep(
                caller,
                new KeptEndpoints(
                        row.owner(),
                        row.resolved().network().endpoints().stream()
                                .map(endpoint -> endpoint.network().id())
                                .filter(id -> !id.isEmpty())
                                .toList()));
    }

    /** Tells the node of other limits. */
    void tell(Caller caller, ContainerRow row, ContainerSpec spec) {
        ifKnown(row, () -> commands.update(caller, row, spec));
    }

    private void tellNetwork(Caller caller, ContainerRow row) {
        ifKnown(row, () -> commands.network(caller, row, row.resolved()));
    }

    /** A container that was never started is not known to its node yet, and will be made as it is to be. */
    private static void ifKnown(ContainerRow row, Runnable command) {
        try {
            command.run();
        } catch (Failure.NotFound e) {
            if (row.state() != ContainerState.CREATED) {
                throw e;
            }
        }
    }
}
