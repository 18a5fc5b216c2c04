package io.longshore.image.removal;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.HeldLayer;
import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.image.node.NodeAgents;
import io.longshore.image.store.Layers;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Removes layers that no image needs from the node. First the row says that the layer is being removed, so that no load begins to use it;
 * then the agent removes it, which it refuses while a load or a container uses it; then the row goes. Whatever fails, the row stays and
 * another turn takes it up, on any replica. The time at which a removal began is its token: who has lost a row to another turn touches it
 * no more.
 */
@Component
public class LayerRemoval {
    private static final Logger LOG = LoggerFactory.getLogger(LayerRemoval.class);
    /** Longest call to the agent; shorter than what makes another replica take a removal over (90 s, in the statement below). */
    private static final Duration CALL = Duration.ofSeconds(60);

    /** Layers asked for at once. */
    private static final int PAGE = 1000;
    /** Images that were removed while a container used them, which it no longer does. */
    private static final String FORGOTTEN_IMAGES = """
            delete from image i where removed_at is not null and not exists (
                select 1 from claim c where c.project = i.project and c.image_id = i.id)""";

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final Layers layers;
    private final NodeAgents agents;

    LayerRemoval(JdbcClient jdbc, TransactionTemplate transactions, Layers layers, NodeAgents agents) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.layers = layers;
        this.agents = agents;
    }

    private record Garbage(Digest chainId, Digest diffId, String parent, OffsetDateTime since) {}

    /** Removes what can be removed now; what cannot stays for another turn. Never fails for that. */
    public void collect(Caller caller) {
        List<Garbage> garbage = take();
        if (garbage.isEmpty()) {
            return;
        }
        NodeAgents.Agent agent;
        try {
            agent = agents.agent(caller.within(CALL));
        } catch (Failure e) {
            garbage.forEach(this::giveBack);
            LOG.info("layers stay on the node for now: {}", e.text());
            return;
        }
        for (Garbage layer : childrenFirst(garbage)) {
            renewed(layer).ifPresent(mine -> remove(caller, agent, mine));
        }
    }

    private void remove(Caller caller, NodeAgents.Agent agent, Garbage layer) {
        try {
            agent.api().removeLayers(caller.within(CALL), List.of(new LayerRef(layer.chainId, layer.diffId)));
            forget(layer);
        } catch (Failure e) {
            giveBack(layer);
            LOG.info("layer {} stays on the node for now: {}", layer.chainId, e.text());
        }
    }

    /**
     * Notes the layers that the node holds and of which no row says so: what a load left that died before it was written down. They have no
     * image, so the next {@link #collect} removes them. Those that a load still keeps are not among them.
     */
    public void adopt(Caller caller) {
        NodeAgents.Agent agent = agents.agent(caller.within(CALL));
        int adopted = 0;
        List<HeldLayer> page = agent.api().layers(caller.within(CALL), null, PAGE);
        while (!page.isEmpty()) {
            adopted += layers.adopt(caller.project(), page);
            page = agent.api().layers(caller.within(CALL), page.getLast().chainId(), PAGE);
        }
        if (adopted > 0) {
            LOG.info("{} layers that no image needs were found on the node", adopted);
        }
    }

    /** Marks a batch of layers that no image needs as being removed. */
    private List<Garbage> take() {
        return transactions.execute(status -> {
            // Locked first, looked at again after: a load that locked them in between has its rows in sight only of the
            // second statement.
            jdbc.sql(FORGOTTEN_IMAGES).update();
            List<String> candidates =
                    jdbc.sql("""
                    select chain_id from layer l where not exists (select 1 from image_layer i where i.chain_id = l.chain_id)
                    and (removing_since is null or removing_since < now() - interval '90 seconds')
                    order by chain_id limit 500 for update skip locked""").query((row, n) -> row.getString(1)).list();
            if (candidates.isEmpty()) {
                return List.<Garbage>of();
            }
            return jdbc.sql("""
                    update layer l set removing_since = now() where chain_id in (:candidates)
                    and not exists (select 1 from image_layer i where i.chain_id = l.chain_id)
                    returning chain_id, diff_id, coalesce(parent, '') as parent, removing_since""")
                    .param("candidates", candidates)
                    .query((row, n) -> new Garbage(
                            Digest.parse(row.getString("chain_id")),
                            Digest.parse(row.getString("diff_id")),
                            row.getString("parent"),
                            row.getObject("removing_since", OffsetDateTime.class)))
                    .list();
        });
    }

    private static List<Garbage> childrenFirst(List<Garbage> garbage) {
        Map<String, Garbage> byId = new HashMap<>();
        garbage.forEach(layer -> byId.put(layer.chainId.value(), layer));
        Map<Garbage, Integer> depth = new HashMap<>();
        for (Garbage layer : garbage) {
            int levels = 0;
            for (Garbage at = layer; at != null; at = byId.get(at.parent)) {
                levels++;
            }
            depth.put(layer, levels);
        }
        List<Garbage> sorted = new ArrayList<>(garbage);
        sorted.sort((a, b) -> Integer.compare(depth.getOrDefault(b, 0), depth.getOrDefault(a, 0)));
        return sorted;
    }

    /** The removal with its time begun anew, since its turn in a batch may come late; empty when another turn has taken it over. */
    private Optional<Garbage> renewed(Garbage layer) {
        return ours("update layer set removing_since = clock_timestamp()", layer, " returning removing_since")
                .query((row, n) -> new Garbage(
                        layer.chainId,
                        layer.diffId,
                        layer.parent,
                        row.getObject("removing_since", OffsetDateTime.class)))
                .optional();
    }

    private void forget(Garbage layer) {
        ours("delete from layer", layer, "").update();
    }

    private void giveBack(Garbage layer) {
        ours("update layer set removing_since = null", layer, "").update();
    }

    private JdbcClient.StatementSpec ours(String change, Garbage layer, String rest) {
        return jdbc.sql(change + " where chain_id = :chain and removing_since = :since" + rest)
                .param("chain", layer.chainId.value())
                .param("since", layer.since);
    }
}
