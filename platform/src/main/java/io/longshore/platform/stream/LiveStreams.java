package io.longshore.platform.stream;

import jakarta.servlet.ServletContext;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/** How to cut the streams that a part serves at the moment, for its stop. One for each part; thread-safe. */
public final class LiveStreams implements SmartLifecycle {
    private static final String ATTRIBUTE = LiveStreams.class.getName();

    private final Set<Runnable> cuts = ConcurrentHashMap.newKeySet();
    private volatile boolean started;
    private volatile boolean stopped;

    /** Makes it known to the part's stream answers. */
    public void register(ServletContext context) {
        context.setAttribute(ATTRIBUTE, this);
    }

    static @Nullable LiveStreams of(ServletContext context) {
        return context.getAttribute(ATTRIBUTE) instanceof LiveStreams live ? live : null;
    }

    void add(Runnable cut) {
        cuts.add(cut);
        if (stopped) {
            cut.run();
        }
    }

    void remove(Runnable cut) {
        cuts.remove(cut);
    }

    @Override
    public void start() {
        started = true;
        stopped = false;
    }

    @Override
    public void stop() {
        stopped = true;
        cuts.forEach(Runnable::run);
    }

    @Override
    public boolean isRunning() {
        return started && !stopped;
    }
}
