package io.longshore.image.removal;

import io.longshore.contracts.Caller;
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

/** Finishes removals that were interrupted or refused. */
@Component
class LayerSweep implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(LayerSweep.class);
    private static final Duration PERIOD = Duration.ofSeconds(30);
    private static final Duration TURN = Duration.ofMinutes(5);

    private final LayerRemoval removal;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("layer-sweep").factory());
    private volatile @Nullable Future<?> turns;

    LayerSweep(LayerRemoval removal) {
        this.removal = removal;
    }

    @Override
    public void start() {
        // The other parts may still be starting.
        turns = clock.scheduleWithFixedDelay(this::turn, 5, PERIOD.toSeconds(), TimeUnit.SECONDS);
    }

    private void turn() {
        try {
            removal.collect(new Caller("image-service", "default", Instant.now().plus(TURN), Trace.newId()));
        } catch (RuntimeException e) {
            LOG.warn("sweep of layers failed, it will be tried again", e);
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
