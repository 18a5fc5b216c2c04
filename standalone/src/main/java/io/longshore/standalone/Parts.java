package io.longshore.standalone;

import io.longshore.platform.client.ColocatedParts;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts that run in this JVM. Thread-safe. */
final class Parts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

    private final Function<Part, Settings> settings;
    private final Consumer<Part> started;
    private final Deque<RunningService> running = new ArrayDeque<>();
    private final ColocatedParts colocated = new ColocatedParts();
    private boolean closed;

    /**
     * @param settings of each part
     * @param started told of each part that answers
     */
    Parts(Function<Part, Settings> settings, Consumer<Part> started) {
        this.settings = settings;
        this.started = started;
    }

    /** Starts these at the same time; throws the first failure after all have started or failed. */
    void start(List<Class<?>> applications) {
        List<StartFailure> failures = new ArrayList<>();
        // Platform threads: native calls at start must not hold the carriers of virtual ones.
        try (ExecutorService threads = Executors.newFixedThreadPool(
                applications.size(), Thread.ofPlatform().name("start-", 0).factory())) {
            List<Future<?>> starts = applications.stream()
                    .<Future<?>>map(application -> threads.submit(() -> start(application)))
                    .toList();
            for (Future<?> start : starts) {
                try {
                    start.get();
                } catch (ExecutionException e) {
                    failures.add(
                            e.getCause() instanceof StartFailure failure
                                    ? failure
                                    : new StartFailure("cannot start: " + e.getCause(), e));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new StartFailure("interrupted while starting", e);
                }
            }
        }
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
    }

    private void start(Class<?> application) {
        LongshoreService service = application.getAnnotation(LongshoreService.class);
        if (service == null) {
            throw new IllegalArgumentException(application + " is no part");
        }
        RunningService answering = ServiceRunner.start(application, settings.apply(service.value()), colocated);
        synchronized (running) {
            if (!closed) {
                running.push(answering);
                started.accept(answering.part());
                return;
            }
        }
        answering.close();
    }

    /** Where a part that runs listens. */
    Path socket(Part part) {
        synchronized (running) {
            return running.stream()
                    .filter(service -> service.part() == part)
                    .findFirst()
                    .orElseThrow()
                    .socket();
        }
    }

    /**
     * Stops the gateway first, then all others at the same time. Before that the agent lets go of its streams: a container must not take
     * the end of its clients' connections for the end of its input.
     */
    @Override
    public void close() {
        List<RunningService> services;
        synchronized (running) {
            closed = true;
            services = new ArrayList<>(running);
            running.clear();
        }
        services.stream().filter(service -> service.part() == Part.AGENT).forEach(RunningService::cutStreams);
        services.stream().filter(service -> service.part() == Part.GATEWAY).forEach(Parts::stop);
        List<Thread> stops = services.stream()
                .filter(service -> service.part() != Part.GATEWAY)
                .map(service -> Thread.ofPlatform().name("stop").start(() -> stop(service)))
                .toList();
        for (Thread stop : stops) {
            try {
                stop.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static void stop(RunningService service) {
        try {
            service.close();
        } catch (RuntimeException e) {
            LOG.warn("{} did not stop in order", service.part().id(), e);
        }
    }
}
