package io.longshore.agent.figures;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the figures of a container once a second while somebody watches, however many do. Who is slow gets the latest, and nobody waits
 * for him. All is read by one thread: a machine that cannot read its containers within a second reads them less often. Thread-safe.
 */
public final class SampleFeed implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SampleFeed.class);

    /** Reads a container's figures as they are written to clients. */
    @FunctionalInterface
    public interface Source {
        /** {@code NotFound} when the container is gone. */
        String read(ContainerId id);
    }

    private final Source source;
    private final long everyMillis;
    private final Map<ContainerId, Watched> watched = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("figures").factory());

    /** A feed that reads every so many milliseconds. */
    public SampleFeed(Source source, long everyMillis) {
        this.source = source;
        this.everyMillis = everyMillis;
        clock.setRemoveOnCancelPolicy(true);
    }

    /** One client's view; for one thread. */
    public final class Watch implements AutoCloseable {
        private final ContainerId id;
        private final Watched of;
        private long seen;

        private Watch(ContainerId id, Watched of) {
            this.id = id;
            this.of = of;
        }

        /** What has been read and was not given yet, else what is read next; null when the container is gone. */
        public @Nullable String next() throws InterruptedException {
            Watched.Read read = of.after(seen);
            if (read == null) {
                return null;
            }
            seen = read.number();
            return read.text();
        }

        @Override
        public void close() {
            watched.computeIfPresent(id, (key, now) -> now == of && now.leave() ? null : now);
        }
    }

    /** Begins to watch; the first read comes at once. */
    public Watch watch(ContainerId id) {
        Watched joined = watched.compute(id, (key, now) -> {
            Watched one = now == null ? begin(key) : now;
            one.join();
            return one;
        });
        return new Watch(id, joined);
    }

    private Watched begin(ContainerId id) {
        Watched one = new Watched();
        one.reads(clock.scheduleWithFixedDelay(() -> read(id, one), 0, everyMillis, TimeUnit.MILLISECONDS));
        return one;
    }

    private void read(ContainerId id, Watched one) {
        try {
            one.publish(source.read(id));
        } catch (Failure.NotFound e) {
            over(id, one);
        } catch (RuntimeException e) {
            // A task that throws is not run again, and its watchers would wait for ever.
            LOG.warn("cannot read the figures of container {}; those who watch are cut off", id.shortForm(), e);
            over(id, one);
        }
    }

    private void over(ContainerId id, Watched one) {
        watched.remove(id, one);
        one.end();
    }

    /** How many containers are being read. */
    int size() {
        return watched.size();
    }

    /** Lets go all who watch. */
    @Override
    public void close() {
        clock.shutdownNow();
        watched.values().forEach(Watched::end);
    }
}
