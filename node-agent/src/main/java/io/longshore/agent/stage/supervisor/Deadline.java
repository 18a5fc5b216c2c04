package io.longshore.agent.stage.supervisor;

import java.io.IOException;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Bounds blocking calls on a channel: when the time is up the channel is closed, which ends the call. */
final class Deadline implements AutoCloseable {
    private static final ScheduledExecutorService CLOCK = clock();

    private final Future<?> alarm;
    private volatile boolean passed;

    /** A deadline that was met is forgotten at once, and with it its channel. */
    private static ScheduledExecutorService clock() {
        var clock = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("supervisor-deadlines").factory());
        clock.setRemoveOnCancelPolicy(true);
        return clock;
    }

    private Deadline(Channel channel, Duration time) {
        alarm = CLOCK.schedule(() -> expire(channel), time.toNanos(), TimeUnit.NANOSECONDS);
    }

    static Deadline on(Channel channel, Duration time) {
        return new Deadline(channel, time);
    }

    /** The exception to throw instead of a closed channel's. */
    IOException explain(IOException failure, String what, Duration time) {
        return passed ? new IOException(what + " did not answer within " + time, failure) : failure;
    }

    private void expire(Channel channel) {
        passed = true;
        try {
            channel.close();
        } catch (IOException e) {
            // Closed is closed; the call that was cut off reports the deadline.
            return;
        }
    }

    @Override
    public void close() {
        alarm.cancel(false);
    }
}
