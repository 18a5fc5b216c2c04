package io.longshore.platform.run;

import io.longshore.platform.stream.LiveStreams;
import java.nio.file.Path;
import org.springframework.context.ConfigurableApplicationContext;

/** A part that has started. */
public final class RunningService implements AutoCloseable {
    private final Part part;
    private final Path socket;
    private final ConfigurableApplicationContext context;
    private final Runnable beforeStop;

    RunningService(Part part, Path socket, ConfigurableApplicationContext context, Runnable beforeStop) {
        this.part = part;
        this.socket = socket;
        this.context = context;
        this.beforeStop = beforeStop;
    }

    /** Which part it is. */
    public Part part() {
        return part;
    }

    /** Where it listens. */
    public Path socket() {
        return socket;
    }

    /** Its beans. */
    public ConfigurableApplicationContext context() {
        return context;
    }

    /** Cuts its streams and those that come, before others stop that would look to it like clients that go. */
    public void cutStreams() {
        context.getBean(LiveStreams.class).stop();
    }

    /** Stops it: no new requests, those under way get the configured time, streams are cut. Idempotent. */
    @Override
    public void close() {
        beforeStop.run();
        context.close();
    }
}
