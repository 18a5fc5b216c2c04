package io.longshore.container.inspect;

import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.Health;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.error.Failure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * A container's health with the results of its latest checks. Rows have them as of the last change of the status only, since a commit for
 * each check of each container would be most of what a database has to do; so the agent is asked, which waits for nothing. Thread-safe.
 */
@Component
class LatestHealth {
    private static final Logger LOG = LoggerFactory.getLogger(LatestHealth.class);
    /** An agent answers within some milliseconds or is away, and then what the row has will do. */
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final Agents agents;

    LatestHealth(Agents agents) {
        this.agents = agents;
    }

    /** Null when there is none. Its status is always the row's: what events and lists do not say yet is not said here either. */
    @Nullable
    Health of(Caller caller, ContainerRow row) {
        Observed known = row.observed();
        Health stored = known == null ? null : known.health();
        if (stored == null || !row.state().hasProcess() || row.resolved().healthCheck() == null) {
            return stored;
        }
        try {
            Observed now = agents.api(row.node()).observe(caller.within(PATIENCE), row.id());
            Health latest = now.health();
            boolean empty = latest == null || latest.log().isEmpty();
            boolean same = latest != null && now.starts() == row.starts() && latest.status() == stored.status();
            return empty || !same ? stored : latest;
        } catch (Failure e) {
            LOG.debug("the latest checks of container {} cannot be had", row.id(), e);
            return stored;
        }
    }
}
