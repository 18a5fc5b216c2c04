package io.longshore.platform.web;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.SmartLifecycle;

/**
 * Requests that wait for something to happen: by contract, those with the parameter {@code waitMillis}. A stop interrupts them at once,
 * or it would wait for each until its time is over.
 */
final class LongPolls implements Filter, SmartLifecycle {
    private final Set<Thread> waiting = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;
    private volatile boolean started;

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String query = ((HttpServletRequest) request).getQueryString();
        if (query == null || !query.contains("waitMillis=")) {
            chain.doFilter(request, response);
            return;
        }
        Thread thread = Thread.currentThread();
        waiting.add(thread);
        try {
            if (stopped) {
                thread.interrupt();
            }
            chain.doFilter(request, response);
        } finally {
            waiting.remove(thread);
        }
    }

    @Override
    public void start() {
        started = true;
    }

    @Override
    public void stop() {
        stopped = true;
        waiting.forEach(Thread::interrupt);
    }

    @Override
    public boolean isRunning() {
        return started && !stopped;
    }
}
