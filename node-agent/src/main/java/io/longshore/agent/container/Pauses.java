package io.longshore.agent.container;

import io.longshore.agent.state.StateStore;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.PauseRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Freezes containers and lets them go on. Thread-safe; each operation is made by whoever holds the container's operation lock. */
final class Pauses {
    private static final Logger LOG = LoggerFactory.getLogger(Pauses.class);

    private final Drivers drivers;
    private final StateStore store;
    private final HealthChecks checks;
    /** The pauses that end by themselves. */
    private final Map<ContainerId, Object> brief = new ConcurrentHashMap<>();

    Pauses(Drivers drivers, StateStore store, HealthChecks checks) {
        this.drivers = drivers;
        this.store = store;
        this.checks = checks;
    }

    /** {@code Conflict} in Docker's words where the state forbids it. */
    Observed change(Container container, PauseRequest request) {
        Phase phase = container.phase();
        if (phase == Phase.RESTARTING) {
            throw new Failure.Conflict(
                    "Container " + container.id() + " is restarting, wait until the container is running");
        }
        if (!phase.maySignal()) {
            throw notRunning(container);
        }
        if (request.paused() == (phase == Phase.PAUSED)) {
            throw new Failure.Conflict(
                    "Container " + container.id() + (request.paused() ? " is already paused" : " is not paused"));
        }
        if (request.paused()) {
            freeze(container, request.seconds());
        } else if (!thaw(container)) {
            throw notRunning(container);
        }
        Observed now = container.observed();
        if (now == null) {
            throw notRunning(container);
        }
        return now;
    }

    private static Failure notRunning(Container container) {
        return new Failure.Conflict("Container " + container.id() + " is not running");
    }

    private void freeze(Container container, @Nullable Integer seconds) {
        if (seconds == null) {
            store.pausesNoMore(container.id());
        } else {
            store.pausesBriefly(container.id());
        }
        checks.end(container);
        try {
            drivers.exec(container.spec()).controls().freeze(container.id());
        } catch (RuntimeException e) {
            store.pausesNoMore(container.id());
            checks.goOn(container);
            throw e;
        }
        if (!container.paused(true)) {
            throw notRunning(container);
        }
        if (seconds != null) {
            Object mark = new Object();
            brief.put(container.id(), mark);
            CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS, Thread::startVirtualThread)
                    .execute(() -> container.exclusively(() -> goOnUnlessAnother(container, mark)));
        }
    }

    private boolean goOnUnlessAnother(Container container, Object mark) {
        if (!brief.remove(container.id(), mark) || container.phase() != Phase.PAUSED) {
            return false;
        }
        LOG.info("container {} goes on: nobody has ended its brief pause in time", container.id());
        return thaw(container);
    }

    /** Lets it go on; false if it has ended meanwhile. */
    boolean thaw(Container container) {
        drivers.exec(container.spec()).controls().thaw(container.id());
        brief.remove(container.id());
        store.pausesNoMore(container.id());
        boolean runs = container.paused(false);
        checks.goOn(container);
        return runs;
    }

    /** What an earlier life of the agent left frozen stays so, unless its pause was to be a brief one. */
    void recover(Container container) {
        if (store.pausesNoMore(container.id())) {
            drivers.exec(container.spec()).controls().thaw(container.id());
        } else {
            container.paused(true);
        }
    }
}
