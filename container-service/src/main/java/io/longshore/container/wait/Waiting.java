package io.longshore.container.wait;

import io.longshore.container.state.ChangeSignal;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Waits for a row to become what a client waits for. A commit in this process wakes it with the row; one by another replica is found
 * by looking every second. Holds no connection meanwhile.
 */
@Component
class Waiting {
    /** What another replica commits is found by looking: soon of one that ends soon, and seldom of one that lasts. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private static final Duration LOOK_SELDOM = Duration.ofSeconds(1);

    private final ContainerStore store;
    private final ChangeSignal signal;

    Waiting(ContainerStore store, ChangeSignal signal) {
        this.store = store;
        this.signal = signal;
    }

    /** A wait that has begun: nothing committed after this is missed. */
    Begun begin(String project, String reference, WaitCondition condition) {
        if (reference.matches("[0-9a-f]{64}")) {
            ChangeSignal.Watch watch = signal.watch(ContainerId.parse(reference));
            try {
                ContainerRow row = store.find(project, reference);
                if (row.id().value().equals(reference)) {
                    return new Begun(row, row, condition, watch);
                }
                watch.close();
            } catch (RuntimeException e) {
                watch.close();
                throw e;
            }
        }
        ContainerRow row = store.find(project, reference);
        ChangeSignal.Watch watch = signal.watch(row.id());
        return new Begun(row, store.byId(row.id()).orElse(null), condition, watch);
    }

    final class Begun implements AutoCloseable {
        private final ContainerRow first;
        private final WaitCondition condition;
        private final ChangeSignal.Watch watch;
        private @Nullable ContainerRow now;
        private ContainerRow last;

        private Begun(
                ContainerRow first, @Nullable ContainerRow now, WaitCondition condition, ChangeSignal.Watch watch) {
            this.first = first;
            this.now = now;
            this.last = now == null ? first : now;
            this.condition = condition;
            this.watch = watch;
        }

        /** The exit code, once the condition is met; empty if it is not within the limit, give or take a second. */
        OptionalInt exitCode(Duration limit) throws InterruptedException {
            long end = System.nanoTime() + limit.toNanos();
            Duration pause = LOOK_AGAIN;
            while (true) {
                ContainerRow row = now;
                if (row == null) {
                    return OptionalInt.of(codeOfRemoved());
                }
                last = row;
                if (condition.met(first, row)) {
                    return OptionalInt.of(row.exitCode());
                }
                if (System.nanoTime() - end > 0) {
                    return OptionalInt.empty();
                }
                ChangeSignal.Change change = watch.await(pause);
                if (change == null) {
                    pause = pause.multipliedBy(2).compareTo(LOOK_SELDOM) < 0 ? pause.multipliedBy(2) : LOOK_SELDOM;
                    now = store.byId(row.id()).orElse(null);
                } else {
                    last = change.row();
                    now = change.removed() ? null : change.row();
                }
            }
        }

        /** The row as it was seen last tells, unless it ended and went between two looks. */
        private int codeOfRemoved() {
            boolean endSeen = switch (last.state()) {
                case EXITED, REMOVING, CREATED, CREATING -> true;
                case RUNNING, PAUSED, RESTARTING -> false;
            };
            return endSeen ? last.exitCode() : store.lastExitCode(last.id());
        }

        @Override
        public void close() {
            watch.close();
        }
    }
}
