package io.longshore.agent;

import io.longshore.agent.container.Containers;
import io.longshore.agent.node.Heartbeats;
import org.springframework.context.SmartLifecycle;

/** Begins heartbeats when the agent answers requests, and lets waiting readers go before it stops to. */
final class AgentLifecycle implements SmartLifecycle {
    private final Containers containers;
    private final Heartbeats heartbeats;
    private volatile boolean running;

    AgentLifecycle(Containers containers, Heartbeats heartbeats) {
        this.containers = containers;
        this.heartbeats = heartbeats;
    }

    @Override
    public void start() {
        running = true;
        containers.begin();
        heartbeats.start();
    }

    @Override
    public void stop() {
        running = false;
        heartbeats.close();
        containers.close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
