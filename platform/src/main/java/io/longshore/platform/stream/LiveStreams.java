package io.longshore.platform.stream;

import jakarta.servlet.ServletContext;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/** The streams that a part serves at the moment, so that its stop can cut them. One for each part; thread-safe. */
public final class LiveStreams implements SmartLifecycle {
    private static final String ATTRIBUTE = LiveStreams.class.getName();

    private final Set<Wire> wires = ConcurrentHashMap.newKeySet();
    private volatile boolean started;
    private volatile boolean stopped;

    /** Makes it known to the part's stream answers. */
    public void register(ServletContext context) {
        context.setAttribute(ATTRIBUTE, this);
    }

    static @Nullable LiveStreams of(ServletContext context) {
        return context.getAttribute(ATTRIBUTE) instanceof LiveStreams live ? live : null;
    }

    /** How many there are. */
    public int count() {
        return wires.size();
    }

    void add(Wire wire) {
        wires.add(wire);
        if (stopped) {
            wire.reset();
        }
    }

    void remove(Wire wire) {
        wires.remove(wire);
    }

    @Override
    public void start() {
        started = true;
        stopped = false;
    }

    @Override
    public void stop() {
        stopped = true;
        wires.forEach(Wire::reset);
    }

    @Override
    public boolean isRunning() {
        return started && !stopped;
    }
}
