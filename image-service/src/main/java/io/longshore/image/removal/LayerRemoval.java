package io.longshore.image.removal;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.HeldLayer;
import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.image.node.NodeAgents;
import io.longshore.image.store.Attempts;
import io.longshore.image.store.LayerNodes;
import io.longshore.image.store.Layers;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Removes layers that no image needs from the nodes. First the row says that the layer is being removed, so that no load begins to use it;
 * then each node's agent removes it, which it refuses while a load or a container uses it; then the row goes. Whatever fails, or whichever
 * node is down, the row stays and another turn takes it up, on any replica. The time at which a removal began is its token: who has lost a
 * row to another turn touches it no more.
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
    private final LayerNodes nodes;
    private final NodeAgents agents;

    LayerRemoval(
            JdbcClient jdbc, TransactionTemplate transactions, Layers layers, LayerNodes nodes, NodeAgents agents) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.layers = layers;
        this.nodes = nodes;
        this.agents = agents;
    }

    private record Garbage(Digest chainId, Digest diffId, String parent, OffsetDateTime since) {}

    /**
     * Removes what can be removed now from all nodes that hold it; what cannot, or not from all of them, stays for another turn. Never
     * fails for that.
     */
    public void collect(Caller caller) {
        Map<NodeId, NodeAgents.Agent> ready;
        try {
            ready = agents.ready(caller.within(CALL));
        } catch (Failure e) {
            LOG.info("layers stay on the nodes for now: {}", e.text());
            return;
        }
        for (Garbage layer : childrenFirst(take(ready.keySet()))) {
            remove(caller, ready, layer);
        }
    }

    /** From each node that holds it; one that does not answer is asked no more in this turn. */
    private void remove(Caller caller, Map<NodeId, NodeAgents.Agent> ready, Garbage layer) {
        Garbage mine = layer;
        for (NodeId node : nodes.holders(layer.chainId)) {
            NodeAgents.Agent agent = ready.get(node);
            if (agent == null) {
                continue; // It is down: its row says what is still to be removed there.
            }
            Optional<Garbage> renewed = renewed(mine);
            if (renewed.isEmpty()) {
                return;
            }
            mine = renewed.get();
            try {
                agent.api().removeLayers(caller.within(CALL), List.of(new LayerRef(mine.chainId, mine.diffId)));
                dropped(mine, node);
            } catch (Failure e) {
                LOG.info("layer {} stays on node {} for now: {}", mine.chainId, agent.name(), e.text());
                if (e instanceof Failure.Unavailable || e instanceof Failure.DeadlineExceeded) {
                    ready.remove(node);
                }
            }
        }
        end(mine);
    }

    /**
     * Notes the layers that a node holds and of which no row says so: what a load left that died before it was written down. They have no
     * image, so the next {@link #collect} removes them. Those that a load still keeps are not among them. What rows say of it that is not
     * so is forgotten.
     */
    public void adopt(Caller caller, NodeAgents.Agent agent) {
        int adopted = 0;
        @Nullable Digest after = null;
        List<HeldLayer> page;
        do {
            page = agent.api().layers(caller.within(CALL), after, PAGE);
            List<HeldLayer> held = page;
            adopted += Attempts.of(() -> layers.adopt(caller.project(), agent.node(), held));
            @Nullable Digest last = page.isEmpty() ? null : page.getLast().chainId();
            forgetLost(caller, agent, after, last, page);
            after = last;
        } while (after != null);
        if (adopted > 0) {
            LOG.info("{} layers of which nothing was noted were found on node {}", adopted, agent.name());
        }
    }

    /** Layers that images need are no removal's, so that asking for them ends no load's hold on what it still has to write down. */
    private void forgetLost(
            Caller caller,
            NodeAgents.Agent agent,
            @Nullable Digest after,
            @Nullable Digest last,
            List<HeldLayer> page) {
        Set<Digest> listed = page.stream().map(HeldLayer::chainId).collect(Collectors.toSet());
        @Nullable Digest from = after;
        List<LayerRef> unlisted;
        do {
            unlisted = nodes.unlisted(agent.node(), from, last, listed);
            if (!unlisted.isEmpty()) {
                forgetLost(caller, agent, unlisted);
                from = unlisted.getLast().chainId();
            }
        } while (!unlisted.isEmpty());
    }

    private void forgetLost(Caller caller, NodeAgents.Agent agent, List<LayerRef> unlisted) {
        Set<LayerRef> held = Set.copyOf(agent.api().heldLayers(caller.within(CALL), unlisted));
        List<Digest> lost = unlisted.stream()
                .filter(layer -> !held.contains(layer))
                .map(LayerRef::chainId)
                .toList();
        if (!lost.isEmpty()) {
            LOG.warn("{} layers of images are not on node {} any more", lost.size(), agent.name());
            nodes.drop(agent.node(), lost);
        }
    }

    /** Marks a batch of layers that no image needs as being removed: those that one of these nodes holds, or none at all. */
    private List<Garbage> take(Set<NodeId> ready) {
        return transactions.execute(status -> {
            // Locked first, looked at again after: a load that locked them in between has its rows in sight only of the
            // second statement.
            jdbc.sql(FORGOTTEN_IMAGES).update();
            List<String> candidates = jdbc.sql("""
                    select chain_id from layer l where not exists (select 1 from image_layer i where i.chain_id = l.chain_id)
                    and (removing_since is null or removing_since < now() - interval '90 seconds')
                    and (not exists (select 1 from layer_node n where n.chain_id = l.chain_id)
                        or exists (select 1 from layer_node n where n.chain_id = l.chain_id and n.node = any(:ready)))
                    order by chain_id limit 500 for update skip locked""")
                    .param("ready", ready.stream().map(NodeId::value).toArray(String[]::new))
                    .query((row, n) -> row.getString(1))
                    .list();
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
        return ours("update layer set removing_since = clock_timestamp()", layer, "returning removing_since")
                .query((row, n) -> new Garbage(
                        layer.chainId,
                        layer.diffId,
                        layer.parent,
                        row.getObject("removing_since", OffsetDateTime.class)))
                .optional();
    }

    /** A node has removed it. The layer's row is locked: who begins to use the layer sees this, or is seen. */
    private void dropped(Garbage layer, NodeId node) {
        jdbc.sql("""
                with mine as (select chain_id from layer where chain_id = :chain and removing_since = :since for update)
                delete from layer_node n using mine where n.chain_id = mine.chain_id and n.node = :node""")
                .param("chain", layer.chainId.value())
                .param("since", layer.since)
                .param("node", node.value())
                .update();
    }

    /** The row goes when no node holds the layer any more; else it waits for another turn. */
    private void end(Garbage layer) {
        transactions.executeWithoutResult(status -> {
            // Locked first, as in take: a load may just be noting that a node holds it.
            boolean mine = ours("select 1 from layer", layer, "for update")
                    .query(Integer.class)
                    .optional()
                    .isPresent();
            if (mine && ours("delete from layer l", layer, """
                             and not exists (select 1 from layer_node n where n.chain_id = l.chain_id)""").update() == 0) {
                ours("update layer set removing_since = null", layer, "").update();
            }
        });
    }

    private JdbcClient.StatementSpec ours(String change, Garbage layer, String rest) {
        return jdbc.sql(change + " where chain_id = :chain and removing_since = :since " + rest)
                .param("chain", layer.chainId.value())
                .param("since", layer.since);
    }
}
