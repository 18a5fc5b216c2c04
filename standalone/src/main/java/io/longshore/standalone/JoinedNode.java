package io.longshore.standalone;

import io.longshore.agent.NodeAgentApplication;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A machine that has joined a fleet: its agent alone. The fleet may be away when it starts, and containers that ran run on. */
final class JoinedNode implements Form {
    private static final Logger LOG = LoggerFactory.getLogger(JoinedNode.class);

    private final Settings settings;
    private final StandaloneProperties properties;
    private final Progress progress;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** @param settings with what the machine was told when it joined */
    JoinedNode(Settings settings, Progress progress) {
        this.settings = settings;
        this.properties = settings.section(StandaloneProperties.class);
        this.progress = progress;
    }

    @Override
    public void start() {
        long began = System.nanoTime();
        NodeAgentApplication.checkMachine(settings);
        Ground ground = opened(Ground.open(settings, null, progress));
        Settings agent = settings.value("agent.work-directory").isPresent()
                ? settings
                : settings.with(
                        Map.of("agent.work-directory", ground.work().root().toString()));
        Parts parts = opened(new Parts(part -> agent, part -> progress.started(part.id())));
        parts.start(List.of(NodeAgentApplication.class));
        Duration after = Duration.ofNanos(System.nanoTime() - began);
        String fleet = settings.value("services." + Part.FLEET.id()).orElse("unknown");
        progress.joined(fleet, ground.work().root(), ground.log(), after);
        LOG.info("ready after {} ms, as a node of the fleet at {}", after.toMillis(), fleet);
        opened(IdleCollector.start());
    }

    private <T extends AutoCloseable> T opened(T part) {
        synchronized (open) {
            open.push(part);
        }
        return part;
    }

    @Override
    public StartFailure awaitFailure() throws InterruptedException {
        new CountDownLatch(1).await();
        throw new IllegalStateException("nobody counts down"); // all that the agent needs is in it
    }

    @Override
    public Duration stopWithin() {
        return properties.stopWithinOrDefault();
    }

    @Override
    public void close() {
        Standalone.close(open);
    }
}
