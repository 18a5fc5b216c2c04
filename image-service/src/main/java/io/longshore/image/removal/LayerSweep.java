package io.longshore.image.removal;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.telemetry.Trace;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Finishes removals that were interrupted or refused, and looks now and then for layers that nobody knows of. */
@Component
class LayerSweep implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(LayerSweep.class);
    /** The other parts may still be starting. */
    private static final Duration FIRST = Duration.ofSeconds(5);

    private static final Duration TURN = Duration.ofMinutes(5);
    /** Every so many turns, and at the first, the node is asked for all its layers. */
    private static final int ADOPTION = 10;

    private final LayerRemoval removal;
    private final Duration every;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("layer-sweep").factory());
    private volatile @Nullable Future<?> turns;
    /** Turns until the next adoption; the clock's thread alone counts. */
    private int untilAdoption;

    LayerSweep(LayerRemoval removal, SweepProperties properties) {
        this.removal = removal;
        this.every = properties.everyOrDefault();
    }

    @Override
    public void start() {
        turns = clock.scheduleWithFixedDelay(this::turn, FIRST.toNanos(), every.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void turn() {
        try {
            Caller caller = new Caller("image-service", "default", Instant.now().plus(TURN), Trace.newId());
            adopt(caller);
            removal.collect(caller);
        } catch (RuntimeException e) {
            LOG.warn("sweep of layers failed, it will be tried again", e);
        }
    }

    private void adopt(Caller caller) {
        if (untilAdoption > 0) {
            untilAdoption--;
            return;
        }
        try {
            removal.adopt(caller);
            untilAdoption = ADOPTION;
        } catch (Failure e) {
            LOG.info("the node's layers cannot be listed now: {}", e.text());
        }
    }

    @Override
    public void stop() {
        turns = null;
        clock.shutdownNow();
    }

    @Override
    public boolean isRunning() {
        return turns != null;
    }
}
