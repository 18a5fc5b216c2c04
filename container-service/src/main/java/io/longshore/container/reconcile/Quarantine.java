package io.longshore.container.reconcile;

import io.longshore.container.placement.Agents;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Containers that a node has and the database does not know. They go on running: a database may have been restored, and what it forgot is
 * not waste. An agent gives no spec back, so none is taken up as a row; they are listed and logged.
 */
@Component
public class Quarantine {
    private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final JdbcClient jdbc;
    private final Agents agents;

    Quarantine(JdbcClient jdbc, Agents agents) {
        this.jdbc = jdbc;
        this.agents = agents;
    }

    /** One of them. */
    public record Held(ContainerId id, NodeId node, String reason) {}

    /** Notes a container without a row, or of a later generation than that, unless its agent says by now that it is gone. */
    void hold(NodeId node, Observed seen) {
        if (seen.status() == Observed.Status.REMOVED || isGone(node, seen.id())) {
            return;
        }
        String reason = "node " + node + " has it as " + seen.status() + ", the database does not know it";
        int added = jdbc.sql(
                        "insert into quarantine (id, node, reason) select :id, :node, :reason where not exists"
                                + " (select 1 from container where id = :id and generation >= :generation) on conflict do nothing")
                .param("id", seen.id().value())
                .param("node", node.value())
                .param("reason", reason)
                .param("generation", seen.generation())
                .update();
        if (added == 1) {
            LOG.warn("container {} is in quarantine: {}; it is left running", seen.id(), reason);
        }
    }

    private boolean isGone(NodeId node, ContainerId id) {
        try {
            return agents.api(node).observe(Agents.own(LIMIT), id).status() == Observed.Status.REMOVED;
        } catch (Failure.NotFound e) {
            return true;
        }
    }

    /** All of them, by id, at most 1,000. */
    public List<Held> list() {
        return jdbc.sql("select id, node, reason from quarantine order by id limit 1000")
                .query((row, index) -> new Held(
                        ContainerId.parse(row.getString("id")),
                        NodeId.parse(row.getString("node")),
                        row.getString("reason")))
                .list();
    }
}
