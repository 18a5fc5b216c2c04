package io.longshore.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.network.address.NetworkProperties;
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

/** Finishes now and then what was cut off between the database and the nodes. */
@Component
class NetworkSweep implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkSweep.class);
    /** The other parts may still be starting. */
    private static final Duration FIRST = Duration.ofSeconds(10);

    private static final Duration TURN = Duration.ofMinutes(1);

    private final Networks networks;
    private final NetworkProperties.Sweep times;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("network-sweep").factory());
    private volatile @Nullable Future<?> turns;

    NetworkSweep(Networks networks, NetworkProperties properties) {
        this.networks = networks;
        this.times = properties.sweepOrDefault();
    }

    @Override
    public void start() {
        turns = clock.scheduleWithFixedDelay(
                this::turn, FIRST.toNanos(), times.everyOrDefault().toNanos(), TimeUnit.NANOSECONDS);
    }

    private void turn() {
        try {
            networks.sweep(
                    new Caller("network-service", "default", Instant.now().plus(TURN), Trace.newId()),
                    times.leaveForOrDefault());
        } catch (Failure e) {
            LOG.info("the sweep of networks goes on later: {}", e.text());
        } catch (RuntimeException e) {
            LOG.warn("the sweep of networks failed, it will be tried again", e);
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
