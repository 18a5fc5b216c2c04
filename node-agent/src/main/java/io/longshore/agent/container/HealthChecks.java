package io.longshore.agent.container;

import io.longshore.agent.health.HealthProbe;
import io.longshore.agent.health.HealthRule;
import io.longshore.agent.link.Links;
import io.longshore.agent.state.StateStore;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.HealthCheck;
import io.longshore.contracts.agent.Health;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks containers that run and have a health check: a thread for each, which mostly sleeps. Thread-safe. */
final class HealthChecks {
    private static final Logger LOG = LoggerFactory.getLogger(HealthChecks.class);
    /**
     * Checks of the whole node that are begun at the same time: a thousand containers that were started together are checked one after the
     * other.
     */
    private static final int AT_ONCE = 16;
    /**
     * How long a check keeps its place. One that has not ended by then mostly waits, and costs what a sleeping process does, of which each
     * container has one at most; so those that hang hold the others up by this much, and not by their timeouts.
     */
    private static final Duration PLACE_KEPT = Duration.ofMillis(250);

    private static final Executor LATER =
            CompletableFuture.delayedExecutor(PLACE_KEPT.toMillis(), TimeUnit.MILLISECONDS, Runnable::run);

    private final Drivers drivers;
    private final StateStore store;
    private final Links links;
    /** Of each container that is checked: what ends that when it completes. */
    private final Map<ContainerId, CompletableFuture<Void>> checked = new ConcurrentHashMap<>();

    private final Semaphore places = new Semaphore(AT_ONCE);

    HealthChecks(Drivers drivers, StateStore store, Links links) {
        this.links = links;
        this.drivers = drivers;
        this.store = store;
    }

    /** What is known of a container that is about to be started; null if it is not checked. */
    @Nullable
    Health first(ContainerSpec spec) {
        return spec.healthCheck() == null ? null : HealthRule.first();
    }

    /** It runs since then; whoever checked it before does no more. */
    void begin(Container container, Instant startedAt) {
        end(container);
        HealthCheck check = container.spec().healthCheck();
        if (check == null || container.phase() != Phase.RUNNING) {
            return;
        }
        if (container.health() == null) {
            container.healthIs(HealthRule.first());
        }
        CompletableFuture<Void> stopped = new CompletableFuture<>();
        checked.put(container.id(), stopped);
        Thread.ofVirtual()
                .name("health-" + container.id().shortForm())
                .start(() -> check(container, check, startedAt, stopped));
    }

    /** It goes on after a pause, if it runs. */
    void goOn(Container container) {
        Observed now = container.observed();
        Instant since = now == null ? null : now.startedAt();
        begin(container, since == null ? Instant.now() : since);
    }

    /** It does not run any more, or is paused. */
    void end(Container container) {
        CompletableFuture<Void> stopped = checked.remove(container.id());
        if (stopped != null) {
            stopped.complete(null);
        }
    }

    private void check(Container container, HealthCheck check, Instant startedAt, CompletableFuture<Void> stopped) {
        var probe = new HealthProbe(
                links.told(container.spec()),
                check,
                drivers.exec(container.spec()).sessions());
        try {
            while (!stoppedWithin(HealthRule.pause(check, known(container), startedAt, Instant.now()), stopped)) {
                round(container, check, probe, startedAt, stopped);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What goes wrong with one check, as a full disk, need not with the next. */
    private void round(
            Container container,
            HealthCheck check,
            HealthProbe probe,
            Instant startedAt,
            CompletableFuture<Void> stopped)
            throws InterruptedException {
        try {
            Health.Result result = inPlace(probe, stopped);
            if (!stopped.isDone() && container.phase() == Phase.RUNNING) {
                take(container, HealthRule.after(check, known(container), result, startedAt));
            }
        } catch (RuntimeException e) {
            if (stopped.isDone()) {
                LOG.debug("container {} was removed during a check", container.id(), e);
            } else {
                LOG.warn("a check of container {} came to nothing", container.id(), e);
            }
        }
    }

    private Health.Result inPlace(HealthProbe probe, CompletableFuture<Void> stopped) throws InterruptedException {
        places.acquire();
        // Run by whoever comes first, and once.
        var giveBack = new FutureTask<@Nullable Void>(places::release, null);
        LATER.execute(giveBack);
        try {
            return probe.run(stopped);
        } finally {
            giveBack.run();
        }
    }

    private static boolean stoppedWithin(Duration pause, CompletableFuture<Void> stopped) throws InterruptedException {
        try {
            stopped.get(pause.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a check is stopped by value only", e);
        }
    }

    private static Health known(Container container) {
        Health health = container.health();
        return health == null ? HealthRule.first() : health;
    }

    private void take(Container container, Health now) {
        boolean news = known(container).status() != now.status();
        container.healthIs(now);
        if (news) {
            store.health(container.id(), now.status());
        }
    }
}
