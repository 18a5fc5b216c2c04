package io.longshore.image.removal;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.image.node.NodeAgents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Removes layers that no image needs from the node. First the row says that the layer is being removed, so that no load begins to use it;
 * then the agent removes it, which it refuses while a load or a container uses it; then the row goes. Whatever fails, the row stays and
 * another turn takes it up, on any replica.
 */
@Component
public class LayerRemoval {
    private static final Logger LOG = LoggerFactory.getLogger(LayerRemoval.class);
    /** Longest call to the agent; shorter than what makes another replica take a removal over (90 s, in the statement below). */
    private static final Duration CALL = Duration.ofSeconds(60);

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final NodeAgents agents;

    LayerRemoval(JdbcClient jdbc, TransactionTemplate transactions, NodeAgents agents) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.agents = agents;
    }

    private record Garbage(Digest chainId, Digest diffId, String parent) {}

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
            try {
                agent.api().removeLayers(caller.within(CALL), List.of(new LayerRef(layer.chainId, layer.diffId)));
                forget(layer);
            } catch (Failure e) {
                giveBack(layer);
                LOG.info("layer {} stays on the node for now: {}", layer.chainId, e.text());
            }
        }
    }

    /** Marks a batch of layers that no image needs as being removed. */
    private List<Garbage> take() {
        return transactions.execute(status -> {
            // Locked first, looked at again after: a load that locked them in between has its rows in sight only of the
            // second statement.
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
                    returning chain_id, diff_id, coalesce(parent, '') as parent""")
                    .param("candidates", candidates)
                    .query((row, n) -> new Garbage(
                            Digest.parse(row.getString("chain_id")),
                            Digest.parse(row.getString("diff_id")),
                            row.getString("parent")))
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

    private void forget(Garbage layer) {
        jdbc.sql("delete from layer where chain_id = :chain")
                .param("chain", layer.chainId.value())
                .update();
    }

    private void giveBack(Garbage layer) {
        jdbc.sql("update layer set removing_since = null where chain_id = :chain")
                .param("chain", layer.chainId.value())
                .update();
    }
}
