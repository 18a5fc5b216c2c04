package io.longshore.container.drain;

import io.longshore.container.lifecycle.Claims;
import io.longshore.container.lifecycle.ContainerLocks;
import io.longshore.container.lifecycle.Starting;
import io.longshore.container.lifecycle.Stopping;
import io.longshore.container.move.Move;
import io.longshore.container.move.Moves;
import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.contracts.network.EndpointMove;
import io.longshore.contracts.network.NetworkClaim;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The first half of a move: all that can be seen to ahead is, then the container is stopped, then its row has it on its new node. Until then it
 * can be taken back.
 */
@Component
class Departure {
    private static final Logger LOG = LoggerFactory.getLogger(Departure.class);
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Some gigabytes from a registry of the fleet's own. */
    private static final Duration BRING = Duration.ofMinutes(15);

    /** How often it may be started by others once it has been stopped. */
    private static final int MOST_ATTEMPTS = 3;

    private final ContainerStore store;
    private final ContainerLocks locks;
    private final Moves moves;
    private final Claims claims;
    private final Loss loss;
    private final Stopping stopping;
    private final Starting starting;

    Departure(
            ContainerStore store,
            ContainerLocks locks,
            Moves moves,
            Claims claims,
            Loss loss,
            Stopping stopping,
            Starting starting) {
        this.store = store;
        this.locks = locks;
        this.moves = moves;
        this.claims = claims;
        this.loss = loss;
        this.stopping = stopping;
        this.starting = starting;
    }

    /** Goes as far as its row. A failure says why that is not possible: it is to be taken back then. */
    void leave(Move move) {
        ContainerRow first = notGone(move);
        if (first == null) {
            return;
        }
        Map<String, String> labels = prepare(move, first);
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            ContainerRow row = notGone(move);
            if (row == null) {
                return;
            }
            if (row.state().alive()) {
                loss.refuse(Agents.own(move.project(), LIMIT), row, labels);
                if (!moves.stopping(move)) {
                    throw takenBack();
                }
                stop(row);
            }
            if (left(move, labels)) {
                return;
            }
        }
        throw new Failure.Conflict("it is started or changed again each time that it is stopped to be moved");
    }

    /** What can be refused is refused here, before anything is stopped. That takes its time: what is refused of the row is looked at again. */
    private Map<String, String> prepare(Move move, ContainerRow row) {
        Caller own = Agents.own(move.project(), BRING);
        ClaimedImage image = claims.image(own, move.to(), row.image().value());
        claims.place(own, move.to(), move.target());
        claims.moveEndpoints(own, new EndpointMove(move.from(), move.to(), move.target(), true));
        return Loss.labels(row, image);
    }

    /** Its row, unless that has gone, or has it on the target. */
    private @Nullable ContainerRow notGone(Move move) {
        return store.byId(move.container())
                .filter(row -> row.generation() < move.generation())
                .orElse(null);
    }

    /** Whether its row has it on the target now. */
    private boolean left(Move move, Map<String, String> labels) {
        Caller own = Agents.own(move.project(), LIMIT);
        try (var _ = locks.lock(own, move.container())) {
            ContainerRow row = notGone(move);
            if (row == null) {
                return true;
            }
            if (row.state().alive()) {
                return false;
            }
            if (!row.state().canStart()) {
                throw new Failure.Conflict("it is being removed");
            }
            loss.refuse(own, row, labels);
            if (isTakenBack(move)) {
                throw takenBack();
            }
            claims.moveEndpoints(own, new EndpointMove(move.from(), move.to(), move.target(), false));
            boolean moved = store.move(row.moved(move.target(), there(own, row, move)));
            if (!moved && isTakenBack(move) && notGone(move) != null) {
                // Who has taken it back may have looked for them before they went.
                endpointsBack(own, move);
            }
            return moved;
        }
    }

    private void endpointsBack(Caller own, Move move) {
        claims.moveEndpoints(own, new EndpointMove(move.to(), move.from(), move.source(), false));
    }

    /** As it is written now; there is none if it has ended. */
    private Optional<Move> now(Move move) {
        return moves.find(move.container()).filter(now -> now.generation() == move.generation());
    }

    private boolean isTakenBack(Move move) {
        return now(move).filter(now -> !now.back()).isEmpty();
    }

    private static Failure.Conflict takenBack() {
        return new Failure.Conflict("its move was taken back by another replica");
    }

    /** As it is to be there. The endpoints' ids follow from its generation; one that has no address yet gets both at its start. */
    private ContainerSpec.Network there(Caller own, ContainerRow row, Move move) {
        ContainerSpec spec = row.resolved();
        claims.keep(own, move.to(), ids(spec));
        List<EndpointSpec> endpoints = spec.network().endpoints().stream()
                .map(endpoint -> isWhole(endpoint) ? claimed(own, endpoint, move) : endpoint)
                .toList();
        return spec.network().endpoints(endpoints);
    }

    private static List<String> ids(ContainerSpec spec) {
        return spec.network().endpoints().stream()
                .map(endpoint -> endpoint.network().id())
                .filter(id -> !id.isEmpty())
                .toList();
    }

    private static boolean isWhole(EndpointSpec endpoint) {
        return !endpoint.network().id().isEmpty()
                && endpoint.addresses().size() >= endpoint.network().subnets().size();
    }

    private EndpointSpec claimed(Caller own, EndpointSpec endpoint, Move move) {
        var wanted = NetworkClaim.Wanted.anyOf(endpoint.network().id());
        var claimed = claims.endpoint(own, move.to(), move.target(), wanted);
        if (claimed.id().isEmpty()) {
            throw new Failure.Conflict(claimed.problem());
        }
        return new EndpointSpec(
                claimed.id(),
                claimed.network(),
                claimed.mac(),
                claimed.addresses(),
                endpoint.names(),
                endpoint.links(),
                endpoint.gatewayPriority());
    }

    /** Gives up what is claimed for a target that it will not reach. */
    void forget(Move move) {
        if (notGone(move) != null) {
            claims.release(Agents.own(move.project(), LIMIT), move.to(), false);
        }
        moves.end(move);
    }

    /** A stop of which no answer came may bring its end yet, when nobody would start it again. */
    private void stopToTheEnd(Move move) {
        ContainerRow row = notGone(move);
        if (row != null && row.state().alive() && resumes(move)) {
            stop(row);
        }
    }

    private boolean resumes(Move move) {
        return now(move).map(Move::resume).orElse(false);
    }

    private void stop(ContainerRow row) {
        stopping.stop(Agents.own(row.project(), LIMIT), row, new Stopping.How(null, null));
    }

    /** One that its node refuses, for a port that somebody has taken meanwhile, is its owner's to start: its row says why it does not run. */
    private void startAgain(Caller own, ContainerRow row) {
        try {
            starting.start(own, row);
        } catch (Failure.Unavailable | Failure.DeadlineExceeded e) {
            throw e; // It is tried again.
        } catch (Failure e) {
            LOG.warn("container {} was to be moved, stays, and does not start again: {}", row.id(), e.text());
        }
    }

    /** The container stays where it is, and runs if it was stopped for this. Its row must not have it on the target. */
    void takeBack(Move move) {
        if (!moves.takeBack(move)) {
            return;
        }
        stopToTheEnd(move);
        Caller own = Agents.own(move.project(), LIMIT);
        try (var _ = locks.lock(own, move.container())) {
            ContainerRow row = notGone(move);
            if (row == null || now(move).filter(Move::back).isEmpty()) {
                return;
            }
            endpointsBack(own, move);
            if (resumes(move) && row.state().canStart()) {
                startAgain(own, row);
                // Whoever takes it back once more is not to stop it once more.
                moves.stayStopped(row.id());
            }
            claims.release(own, move.to(), false);
            moves.end(move);
        }
    }
}
