package io.longshore.platform.run;

import io.longshore.contracts.error.Failure;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** What a service does now and then to finish what was cut off, one turn after the other, from some time after its start to its end. */
public abstract class Sweep implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);

    private final String name;
    private final Duration first;
    private final Duration every;
    private final ScheduledExecutorService clock;
    private volatile @Nullable Future<?> turns;

    /**
     * @param what is swept, for the log
     * @param first when: the other parts may still be starting
     * @param every from the end of a turn to the next one
     */
    protected Sweep(String what, Duration first, Duration every) {
        this.name = "sweep of " + what;
        this.first = first;
        this.every = every;
        this.clock = Executors.newSingleThreadScheduledExecutor(
                Thread.ofVirtual().name(name).factory());
    }

    /** One turn, of a thread that has no other. What it fails with is logged; there is a next one. */
    protected abstract void turn();

    @Override
    public final void start() {
        turns = clock.scheduleWithFixedDelay(this::take, first.toNanos(), every.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void take() {
        try {
            turn();
        } catch (Failure e) {
            LOG.info("the {} goes on later: {}", name, e.text());
        } catch (RuntimeException e) {
            LOG.warn("the {} failed, it will be tried again", name, e);
        }
    }

    @Override
    public final void stop() {
        turns = null;
        clock.shutdownNow();
    }

    @Override
    public final boolean isRunning() {
        return turns != null;
    }
}
