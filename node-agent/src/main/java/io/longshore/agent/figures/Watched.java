package io.longshore.agent.figures;

import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A container that is watched: the latest that was read of it, and how many watch. */
final class Watched {
    private @Nullable Future<?> reading;
    private @Nullable Read latest;
    private int watchers;
    private boolean over;

    /** What was read, and as which. */
    record Read(long number, String text) {}

    /** By this it is read; to be cancelled with the last who leaves. */
    synchronized void reads(Future<?> task) {
        reading = task;
        if (over) {
            task.cancel(false);
        }
    }

    synchronized void join() {
        watchers++;
    }

    /** True for the last one. */
    synchronized boolean leave() {
        watchers--;
        if (watchers == 0) {
            end();
        }
        return watchers == 0;
    }

    synchronized void publish(String text) {
        latest = new Read(latest == null ? 1 : latest.number + 1, text);
        notifyAll();
    }

    synchronized void end() {
        over = true;
        if (reading != null) {
            reading.cancel(false);
        }
        notifyAll();
    }

    /** The latest, as soon as it is a later one than this; null at the end. */
    synchronized @Nullable Read after(long number) throws InterruptedException {
        while (!over && (latest == null || latest.number <= number)) {
            wait();
        }
        return over ? null : latest;
    }
}
