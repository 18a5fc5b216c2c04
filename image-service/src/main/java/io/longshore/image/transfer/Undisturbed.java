package io.longshore.image.transfer;

import io.longshore.platform.telemetry.Trace;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/** Runs what must not be cut off half-way because a client goes away, which interrupts the thread that serves it. */
public final class Undisturbed {
    private Undisturbed() {}

    /** Does it on another thread and waits for that, interrupted or not. */
    public static <T> T call(Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        String trace = Trace.current();
        Thread.ofVirtual().name("undisturbed").start(() -> {
            Trace.Scope scope = Trace.open(trace);
            try (scope) {
                result.complete(work.get());
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw e;
        }
    }
}
