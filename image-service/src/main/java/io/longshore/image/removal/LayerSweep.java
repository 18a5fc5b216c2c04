package io.longshore.image.removal;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import io.longshore.image.node.NodeAgents;
import io.longshore.image.store.LayerNodes;
import io.longshore.platform.run.Sweep;
import io.longshore.platform.telemetry.Trace;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Finishes removals that were interrupted or refused, and looks now and then for layers that nobody knows of. */
@Component
class LayerSweep extends Sweep {
    private static final Logger LOG = LoggerFactory.getLogger(LayerSweep.class);
    /** Of each half of a turn: nodes that hang in the first leave the second its time. */
    private static final Duration TURN = Duration.ofMinutes(5);
    /** Every so many turns, and when it has come (back), a node is asked for all its layers. */
    private static final int ADOPTION = 10;

    private final LayerRemoval removal;
    private final NodeAgents agents;
    private final LayerNodes nodes;
    /** Turns until a node is asked again, of those that were ready at the last turn; the clock's thread alone counts. */
    private final Map<NodeId, Integer> untilAdoption = new HashMap<>();

    LayerSweep(LayerRemoval removal, NodeAgents agents, LayerNodes nodes, SweepProperties properties) {
        super("layers", properties.first(), properties.everyOrDefault());
        this.removal = removal;
        this.agents = agents;
        this.nodes = nodes;
    }

    @Override
    protected void turn() {
        Caller caller = own();
        List<Node> known = agents.nodes(caller);
        if (!known.isEmpty()) { // A fleet without a node says nothing about any.
            nodes.forgetOthers(known.stream().map(Node::id).toList());
        }
        Map<NodeId, NodeAgents.Agent> ready = agents.ready(caller);
        untilAdoption.keySet().retainAll(ready.keySet());
        ready.values().forEach(agent -> adopt(caller, agent));
        removal.collect(own());
    }

    private static Caller own() {
        return new Caller("image-service", "default", Instant.now().plus(TURN), Trace.newId());
    }

    private void adopt(Caller caller, NodeAgents.Agent agent) {
        int turns = untilAdoption.getOrDefault(agent.node(), 0);
        if (turns > 0) {
            untilAdoption.put(agent.node(), turns - 1);
            return;
        }
        try {
            removal.adopt(caller, agent);
            untilAdoption.put(agent.node(), ADOPTION);
        } catch (Failure e) {
            // Others come first at the next turn.
            untilAdoption.put(agent.node(), 1);
            LOG.info("the layers of node {} cannot be listed now: {}", agent.name(), e.text());
        }
    }
}
