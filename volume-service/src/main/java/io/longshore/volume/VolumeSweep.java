package io.longshore.volume;

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

/** Finishes now and then the removals that a crash has cut off: nobody may want those names again. */
@Component
class VolumeSweep implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(VolumeSweep.class);
    /** The other parts may still be starting. */
    private static final Duration FIRST = Duration.ofSeconds(10);

    /** For each volume's data on its node and some more. */
    private static final Duration TURN = Duration.ofMinutes(5);

    private final VolumeRemoval removal;
    private final Duration every;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("volume-sweep").factory());
    private volatile @Nullable Future<?> turns;

    VolumeSweep(VolumeRemoval removal, VolumeSweepProperties properties) {
        this.removal = removal;
        this.every = properties.everyOrDefault();
    }

    @Override
    public void start() {
        turns = clock.scheduleWithFixedDelay(this::turn, FIRST.toNanos(), every.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void turn() {
        try {
            removal.sweep(project ->
                    new Caller("volume-service", project, Instant.now().plus(TURN), Trace.newId()));
        } catch (RuntimeException e) {
            LOG.warn("the sweep of volumes failed, it will be tried again", e);
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
