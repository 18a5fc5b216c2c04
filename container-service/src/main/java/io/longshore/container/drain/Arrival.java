package io.longshore.container.drain;

import io.longshore.container.lifecycle.Claims;
import io.longshore.container.lifecycle.Commands;
import io.longshore.container.lifecycle.ContainerLocks;
import io.longshore.container.lifecycle.Starting;
import io.longshore.container.move.Move;
import io.longshore.container.move.Moves;
import io.longshore.container.placement.Agents;
import io.longshore.container.placement.Nodes;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.EventDraft;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The second half of a move: the container's row has it on its new node, or it has none any more. What is left where it was goes. */
@Component
class Arrival {
    private static final Logger LOG = LoggerFactory.getLogger(Arrival.class);
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final ContainerStore store;
    private final ContainerLocks locks;
    private final Moves moves;
    private final Claims claims;
    private final Commands commands;
    private final Starting starting;
    private final Nodes nodes;

    Arrival(
            ContainerStore store,
            ContainerLocks locks,
            Moves moves,
            Claims claims,
            Commands commands,
            Starting starting,
            Nodes nodes) {
        this.store = store;
        this.locks = locks;
        this.moves = moves;
        this.claims = claims;
        this.commands = commands;
        this.starting = starting;
        this.nodes = nodes;
    }

    /** Whether this half is what is left to do of it. */
    boolean isNext(Move move) {
        return store.byId(move.container())
                .map(row -> row.generation() >= move.generation())
                .orElse(true);
    }

    /** Does what is left to do. What fails is tried again from the rows; the container does not wait for it, since its end has been seen. */
    void finish(Move move) {
        if (!goesOn(move)) {
            return;
        }
        Caller own = Agents.own(move.project(), LIMIT);
        boolean removed = attempt(move, () -> removeFromSource(move));
        boolean givenUp = attempt(move, () -> claims.giveUp(own, move.from()));
        try (var _ = locks.lock(own, move.container())) {
            ContainerRow row = store.byId(move.container()).orElse(null);
            if (row == null) {
                claims.release(own, move.to(), false);
            } else if (row.generation() == move.generation()) {
                arrive(own, row);
            }
        }
        if (removed && givenUp) {
            moves.end(move);
        }
    }

    /** One that another replica has ended may have been followed by one back: then what is on the source now is the container itself. */
    private boolean goesOn(Move move) {
        return moves.find(move.container())
                .filter(now -> now.generation() == move.generation())
                .isPresent();
    }

    private static boolean attempt(Move move, Runnable cleaning) {
        try {
            cleaning.run();
            return true;
        } catch (Failure e) {
            LOG.warn(
                    "container {} has left node {}, and what is left of it there goes later: {}",
                    move.container(),
                    move.source(),
                    e.text());
            return false;
        }
    }

    /** By force: it has been stopped, and whoever has started it since has not seen where its row is. */
    private void removeFromSource(Move move) {
        Caller own = Agents.own(move.project(), LIMIT);
        boolean there = nodes.all(own).stream().anyMatch(node -> node.id().equals(move.source()));
        if (there) {
            commands.remove(own, move.source(), move.container(), true);
        }
    }

    /** Starts are counted anew on its new node, so that one is made once however often this is done. */
    private void arrive(Caller own, ContainerRow row) {
        boolean resume = moves.find(row.id()).map(Move::resume).orElse(false);
        if (resume && row.starts() == 0 && row.state().canStart()) {
            starting.start(own, row);
            store.tell(row, EventDraft.of(row, "restart"));
        } else if (row.state() == ContainerState.EXITED) {
            // Its node is to know it: for its files, and as it is on the list of what must be there.
            commands.apply(own, row, 0);
        }
    }
}
