package io.longshore.oci.registry.call;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Does something when a time has passed, unless it is closed before. Thread-safe. */
final class Deadline implements AutoCloseable {
    private final Duration time;
    private final CompletableFuture<Boolean> passed;
    private final CompletableFuture<Boolean> done;

    Deadline(Duration time, Runnable then) {
        this.time = time;
        this.passed = new CompletableFuture<Boolean>().completeOnTimeout(true, time.toMillis(), TimeUnit.MILLISECONDS);
        this.done = passed.thenApply(due -> {
            if (due) {
                then.run();
            }
            return due;
        });
    }

    /** What to say of an error: that this was the cause, if it was. Closes it. */
    IOException said(IOException e) {
        close();
        if (!done.join()) {
            return e;
        }
        var timeout = new SocketTimeoutException("the answer did not come whole within " + time.toSeconds() + " s");
        timeout.initCause(e);
        return timeout;
    }

    @Override
    public void close() {
        passed.complete(false);
    }
}
