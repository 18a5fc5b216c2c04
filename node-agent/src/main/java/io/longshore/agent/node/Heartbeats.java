package io.longshore.agent.node;

import io.longshore.contracts.Caller;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.telemetry.Trace;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells fleet-service every three seconds that this node is alive; the first time at once. A failure is logged, and nothing else. */
public final class Heartbeats implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);
    private static final Duration PERIOD = Duration.ofSeconds(3);
    /** Until the first is taken: a whole fleet that starts at once is waiting for its nodes. */
    private static final Duration FIRST_PERIOD = Duration.ofMillis(250);
    /** One line per minute while fleet-service is away. */
    private static final int LOG_EVERY = 20;

    private final FleetApi fleet;
    private final NodeId node;
    private final Supplier<Heartbeat> heartbeat;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private int failures;
    private boolean joined;

    /** @param heartbeat what to say; asked each time */
    public Heartbeats(FleetApi fleet, NodeId node, Supplier<Heartbeat> heartbeat) {
        this.fleet = fleet;
        this.node = node;
        this.heartbeat = heartbeat;
    }

    /** Begins; the first sign of life is on its way when this returns. */
    public void start() {
        Thread.ofVirtual().name("heartbeats").start(this::beat);
    }

    private void beat() {
        try {
            do {
                once();
            } while (!stopped.await((joined ? PERIOD : FIRST_PERIOD).toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void once() {
        try {
            Caller caller = new Caller("node:" + node, "default", Instant.now().plus(PERIOD), Trace.newId());
            fleet.heartbeat(caller, node, heartbeat.get());
            if (failures > 0) {
                LOG.info("fleet-service answers again, after {} failures", failures);
            }
            failures = 0;
            joined = true;
        } catch (RuntimeException e) {
            if (failures++ % LOG_EVERY == 0) {
                LOG.warn("fleet-service did not take the sign of life of node {}: {}", node, e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        stopped.countDown();
    }
}
