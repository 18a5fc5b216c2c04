package io.longshore.container.overlay;

import io.longshore.container.lease.ShardLeases;
import io.longshore.container.overlay.PeerSets.Wanted;
import io.longshore.container.placement.Agents;
import io.longshore.container.placement.Nodes;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Has each node know what is on the others of the networks that span them: derived from the rows when something was committed, whichever
 * replica did, and told by the replica that holds the node's lease. Thread-safe.
 */
@Component
public class PeerDistribution implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(PeerDistribution.class);
    /** How often is looked for commits: a name has to be right elsewhere within a second. */
    private static final Duration LOOK = Duration.ofMillis(250);
    /** What has no event, such as other names after a rename, is found by this. */
    private static final Duration ANYWAY = Duration.ofMillis(750);
    /** While nobody is on such a network. */
    private static final Duration IDLE = Duration.ofSeconds(10);
    /** A start does not wait longer for what it would only find a moment later. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final Duration ASKING = Duration.ofSeconds(5);
    /** A line a minute, and none of what a start of everything takes. */
    private static final int LOG_EVERY = 240;

    private static final int SAID_NOTHING = 40;

    private final MemberRows rows;
    private final Nodes nodes;
    private final Agents agents;
    private final ShardLeases leases;
    private final Map<NodeId, Told> told = new ConcurrentHashMap<>();
    private final Semaphore nudges = new Semaphore(0);
    private volatile boolean running;
    private volatile Thread thread = Thread.currentThread();
    private Collection<Member> members = List.of();
    private long derived;
    private boolean ever;

    PeerDistribution(MemberRows rows, Nodes nodes, Agents agents, ShardLeases leases) {
        this.rows = rows;
        this.nodes = nodes;
        this.agents = agents;
        this.leases = leases;
    }

    private record Told(NodeTelling telling, Thread thread) {}

    /**
     * Waits a moment until a node knows who else is on the networks of a container that is about to be started there, so that its first question
     * finds them. Nothing to wait for is the rule: a node knows once any container on them was made there.
     */
    public void prepare(NodeId node, ContainerSpec spec) {
        Set<String> networks = spec.network().endpoints().stream()
                .map(EndpointSpec::network)
                .filter(network -> network.spansNodes())
                .map(network -> network.id())
                .collect(Collectors.toSet());
        Told there = told.get(node);
        if (networks.isEmpty() || there == null || there.telling().knows(networks)) {
            return;
        }
        nudges.release();
        try {
            if (!there.telling().await(networks, PATIENCE)) {
                LOG.info("container {} is started before node {} knows of the others on its networks", spec.id(), node);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("container-service is stopping", e);
        }
    }

    @Override
    public void start() {
        running = true;
        thread = Thread.ofVirtual().name("overlay").start(this::repeat);
    }

    @Override
    public void stop() {
        running = false;
        thread.interrupt();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void repeat() {
        int failures = 0;
        boolean nudged = true;
        while (running) {
            try {
                look(nudged);
                failures = 0;
            } catch (RuntimeException e) {
                ever = false;
                if (running && failures++ % LOG_EVERY == SAID_NOTHING) {
                    LOG.warn("looking for containers on other nodes failed, the next look goes on: {}", e.toString());
                }
            }
            try {
                nudged = nudges.tryAcquire(LOOK.toNanos(), TimeUnit.NANOSECONDS);
                nudges.drainPermits();
            } catch (InterruptedException e) {
                break;
            }
        }
        told.values().forEach(PeerDistribution::end);
        told.clear();
    }

    private void look(boolean nudged) {
        boolean news = rows.news();
        long age = System.nanoTime() - derived;
        if (news || nudged || !ever || age > (members.isEmpty() ? IDLE : ANYWAY).toNanos()) {
            members = rows.all();
            derived = System.nanoTime();
            ever = true;
        }
        Map<NodeId, String> addresses = new HashMap<>();
        Set<NodeId> mine = new HashSet<>();
        for (Node node : nodes.all(Agents.own(ASKING))) {
            String address = node.info().dataAddress();
            if (address != null) {
                addresses.put(node.id(), address);
            }
            if (leases.held(node.id()) != null) {
                mine.add(node.id());
            }
        }
        Map<NodeId, Wanted> wanted = PeerSets.of(members, addresses);
        for (NodeId node : mine) {
            told.computeIfAbsent(node, this::begin).telling().want(wanted.getOrDefault(node, Wanted.NOTHING));
        }
        told.entrySet().removeIf(entry -> {
            boolean lost = !mine.contains(entry.getKey());
            if (lost) {
                end(entry.getValue());
            }
            return lost;
        });
    }

    private Told begin(NodeId node) {
        NodeTelling telling = new NodeTelling(node, agents, leases);
        return new Told(telling, Thread.ofVirtual().name("overlay-" + node).start(telling));
    }

    private static void end(Told there) {
        there.telling().stop();
        there.thread().interrupt();
    }
}
