package io.longshore.gateway.event;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.event.EventPage;
import io.longshore.contracts.event.EventsApi;
import io.longshore.platform.telemetry.Trace;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Waits for news of one project at one service, for all readers together: however many listen, there is one long poll, and none when
 * nobody listens. It only says that there is something: each reader reads for itself, so a slow one delays nobody else. Thread-safe.
 */
final class EventWatch {
    private static final String NOW = "now";
    private static final int WAIT_MILLIS = 20_000;
    private static final Duration LIMIT = Duration.ofMillis(WAIT_MILLIS + 10_000);

    private final String service;
    private final EventsApi api;
    private final String project;
    private final Set<News> readers = new HashSet<>();
    private boolean running;

    EventWatch(String service, EventsApi api, String project) {
        this.service = service;
        this.api = api;
        this.project = project;
    }

    /** What happens after this is news to the reader. */
    synchronized void join(News reader) {
        readers.add(reader);
        if (!running) {
            running = true;
            Thread.ofVirtual().name("events-" + service).start(this::run);
        }
    }

    /** The poll under way ends by itself. */
    synchronized void leave(News reader) {
        readers.remove(reader);
    }

    private void run() {
        try {
            String cursor = read(NOW, 0).cursor();
            tell(); // of what came before this first look and after a reader's
            while (goesOn()) {
                EventPage page = read(cursor, WAIT_MILLIS);
                cursor = page.cursor();
                if (!page.events().isEmpty()) {
                    tell();
                }
            }
        } catch (Failure e) {
            end(e);
        } catch (RuntimeException | Error e) {
            end(new Failure.Internal("events of " + service + ": " + e, e));
        }
    }

    private EventPage read(@Nullable String cursor, int waitMillis) {
        Caller caller = new Caller("gateway", project, Instant.now().plus(LIMIT), Trace.newId());
        return api.read(caller, cursor, 0, EventSource.PAGE, waitMillis);
    }

    private synchronized void tell() {
        readers.forEach(reader -> reader.of(service));
    }

    private synchronized boolean goesOn() {
        running = !readers.isEmpty();
        return running;
    }

    /** Silence would look like peace. */
    private synchronized void end(Failure because) {
        running = false;
        readers.forEach(reader -> reader.end(because));
        readers.clear();
    }
}
