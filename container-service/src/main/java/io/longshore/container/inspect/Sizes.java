package io.longshore.container.inspect;

import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSize;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Has containers measured by their agents. Thread-safe. */
@Component
public class Sizes {
    private static final Logger LOG = LoggerFactory.getLogger(Sizes.class);
    /** Of one container: a walk over a million files on a slow disk. */
    private static final Duration LIMIT = Duration.ofSeconds(30);
    /** Agents asked at once by one list; each walks for two at a time. */
    private static final int AT_ONCE = 16;

    private final Agents agents;

    Sizes(Agents agents) {
        this.agents = agents;
    }

    /** The container's size. */
    public ContainerSize of(Caller caller, ContainerRow row) {
        return agents.api(row.node())
                .size(caller.within(LIMIT), row.id(), row.resolved().image().diffIds());
    }

    /** The sizes of those that can be measured in time; one that cannot is left out and logged. */
    public Map<ContainerId, ContainerSize> of(Caller caller, List<ContainerRow> rows) {
        Map<ContainerId, ContainerSize> sizes = new ConcurrentHashMap<>();
        Semaphore places = new Semaphore(AT_ONCE);
        List<Thread> asking = rows.stream()
                .map(row -> Thread.ofVirtual()
                        .name("size-" + row.id().shortForm())
                        .start(() -> {
                            places.acquireUninterruptibly();
                            try {
                                sizes.put(row.id(), of(caller, row));
                            } catch (Failure e) {
                                LOG.warn("container {} is listed without its size: {}", row.id(), e.text());
                            } finally {
                                places.release();
                            }
                        }))
                .toList();
        try {
            for (Thread one : asking) {
                one.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("stopping: ask again in a moment", e);
        }
        return sizes;
    }
}
