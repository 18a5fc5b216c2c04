package io.longshore.standalone;

import java.time.Duration;

/**
 * Collects the heap after work, when nothing is going on: the serial collector gives memory back to the machine only after a full
 * collection, and an idle JVM makes none. The pause then meets hardly anybody; what idling itself takes adds up to one collection in
 * about a quarter of an hour. Thread-safe.
 */
final class IdleCollector implements AutoCloseable {
    /** How often is looked: memory goes back within two of these after the work. */
    private static final Duration EVERY = Duration.ofSeconds(20);

    /** Processor time in {@link #EVERY} that idling takes at most: heartbeats, sweeps and polls take a fifth of it. */
    private static final Duration IDLE = Duration.ofSeconds(1);

    /** Processor time since the last collection that is worth another one. */
    private static final Duration WORK = Duration.ofSeconds(5);

    private final Thread thread;

    private IdleCollector() {
        thread = Thread.ofPlatform().daemon().name("idle-collector").unstarted(this::run);
    }

    static IdleCollector start() {
        IdleCollector collector = new IdleCollector();
        collector.thread.start();
        return collector;
    }

    private void run() {
        Duration collected = Duration.ZERO;
        Duration before = used();
        while (true) {
            try {
                Thread.sleep(EVERY);
            } catch (InterruptedException e) {
                return;
            }
            Duration now = used();
            if (now.minus(before).compareTo(IDLE) < 0 && now.minus(collected).compareTo(WORK) > 0) {
                System.gc();
                now = used();
                collected = now;
            }
            before = now;
        }
    }

    /** Processor time of this process, all threads. */
    private static Duration used() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
