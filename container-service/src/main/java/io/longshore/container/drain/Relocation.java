package io.longshore.container.drain;

import io.longshore.container.move.Move;
import io.longshore.container.move.Moves;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Moves containers, each as far as it gets; what is cut off goes on from the rows. One move of a container at a time in this process, and as
 * each step is decided by a row or is idempotent, those of another replica do no harm. Thread-safe.
 */
@Component
class Relocation {
    private static final Logger LOG = LoggerFactory.getLogger(Relocation.class);
    /** How long it is tried to have one run again that has arrived, and does not start. */
    private static final Duration MOST = Duration.ofMinutes(10);

    private final Departure departure;
    private final Arrival arrival;
    private final Moves moves;
    private final Set<ContainerId> busy = ConcurrentHashMap.newKeySet();

    Relocation(Departure departure, Arrival arrival, Moves moves) {
        this.departure = departure;
        this.arrival = arrival;
        this.moves = moves;
    }

    /** Moves one. A failure says why it could not be: then it is where it was. */
    void move(Move move) {
        alone(move, () -> go(move));
    }

    private void go(Move move) {
        try {
            departure.leave(move);
        } catch (RuntimeException e) {
            if (!arrival.isNext(move)) {
                departure.takeBack(move);
                throw e;
            }
        }
        arrival.finish(move);
    }

    /**
     * Goes on with one that was cut off.
     *
     * @param onward whether it may go on to its target if it has not left yet
     */
    void resume(Move move, boolean onward) {
        // It may be over since it was read, and another one of the container under way.
        alone(
                move,
                () -> moves.find(move.container())
                        .filter(now -> now.begun().equals(move.begun()))
                        .ifPresent(now -> goOn(now, onward)));
    }

    private void goOn(Move move, boolean onward) {
        try {
            if (arrival.isNext(move)) {
                arrival.finish(move);
            } else if (onward && !move.back()) {
                go(move);
            } else {
                departure.takeBack(move);
            }
        } catch (RuntimeException e) {
            giveUp(move, e);
        }
    }

    /** The node on which its row has it is none any more: nothing can be done for it there. */
    void forget(Move move) {
        alone(move, () -> departure.forget(move));
    }

    /**
     * One that has arrived is where it is to be, and may be left so. While a node is away nothing is given up: it is to be asked for as long as
     * it is one.
     */
    private void giveUp(Move move, RuntimeException why) {
        boolean late = move.begun().plus(MOST).isBefore(Instant.now());
        if (late
                && move.arrived()
                && !(why instanceof Failure.Unavailable)
                && !(why instanceof Failure.DeadlineExceeded)) {
            LOG.warn("container {} is left as it is on node {}: {}", move.container(), move.target(), text(why));
            moves.end(move);
        } else {
            LOG.info("container {} does not get on to node {} now: {}", move.container(), move.target(), text(why));
        }
    }

    private void alone(Move move, Runnable work) {
        if (busy.add(move.container())) {
            try {
                work.run();
            } finally {
                busy.remove(move.container());
            }
        }
    }

    /** What a failure says. */
    static String text(RuntimeException e) {
        return e instanceof Failure failure ? failure.text() : e.toString();
    }
}
