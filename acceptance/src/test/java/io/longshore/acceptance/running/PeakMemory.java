package io.longshore.acceptance.running;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.engine.Memory;
import io.longshore.testbed.engine.Supervisors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The most memory (PSS, in bytes) that a Longshore and its supervisors had while this was open, beyond what they had before. */
public final class PeakMemory implements AutoCloseable {
    /** The kernel walks all of a process's memory for each look. */
    private static final long PAUSE_NANOS = 250_000_000;

    private final Longshore longshore;
    private final long before;
    private final Thread watch;
    private volatile boolean over;
    private volatile long peak;

    public PeakMemory(Longshore longshore) {
        this.longshore = longshore;
        this.before = now();
        this.peak = before;
        this.watch = Thread.ofPlatform().name("peak-memory").start(this::look);
    }

    private void look() {
        while (!over) {
            peak = Math.max(peak, now());
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private long now() {
        List<Long> pids = new ArrayList<>(longshore.pids());
        Supervisors.of(longshore.cgroup()).forEach(supervisor -> pids.add(supervisor.pid()));
        try {
            return Memory.pss(pids);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** So far. */
    public long growth() {
        return peak - before;
    }

    @Override
    public void close() {
        over = true;
        LockSupport.unpark(watch);
        try {
            watch.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
