package io.longshore.gateway.event;

import io.longshore.contracts.error.Failure;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which services have something new for one reader, as their {@link EventWatch watches} say. Thread-safe. */
final class News {
    private final Set<String> services = new HashSet<>();
    private @Nullable Failure failure;

    /** There is something new at this service. */
    synchronized void of(String service) {
        services.add(service);
        notifyAll();
    }

    /** Nobody will tell of news any more. */
    synchronized void end(Failure because) {
        failure = because;
        notifyAll();
    }

    /** The services with news since the last call, waiting for a first one; none after so many milliseconds. */
    synchronized Set<String> await(long millis) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        for (long left = millis; services.isEmpty() && failure == null && left > 0; ) {
            wait(left);
            left = (end - System.nanoTime()) / 1_000_000;
        }
        if (failure != null) {
            throw failure;
        }
        Set<String> found = Set.copyOf(services);
        services.clear();
        return found;
    }
}
