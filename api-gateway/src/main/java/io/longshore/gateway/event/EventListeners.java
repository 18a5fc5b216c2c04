package io.longshore.gateway.event;

import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.stereotype.Component;

/** How many clients listen to events at the moment. */
@Component
public final class EventListeners {
    private final AtomicInteger count = new AtomicInteger();

    /** Their number. */
    public int count() {
        return count.get();
    }

    void enter() {
        count.incrementAndGet();
    }

    void leave() {
        count.decrementAndGet();
    }
}
