package io.longshore.image.place;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.agent.PullRequest;
import io.longshore.contracts.agent.RemoteLayer;
import io.longshore.contracts.agent.Transfer;
import io.longshore.contracts.agent.Transfer.PushedLayer;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.image.ImagePlace;
import io.longshore.image.node.NodeAgents;
import io.longshore.image.registry.SystemRegistry;
import io.longshore.image.store.Attempts;
import io.longshore.image.store.LayerNodes;
import io.longshore.image.store.Layers;
import io.longshore.image.transfer.LayerTransfer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.stereotype.Component;

/**
 * Brings images to nodes, from the system registry alone: a node needs no login for where an image came from, and gets what was taken in,
 * whatever its name leads to there by now. Who asks for the same image and node meanwhile waits for the one that brings it; in another
 * replica he brings it, too, and the agent shares what it downloads. Thread-safe.
 */
@Component
class Placing {
    private final NodeAgents agents;
    private final Layers layers;
    private final LayerNodes nodes;
    private final Replication replication;
    private final Replicas replicas;
    private final SystemRegistry registry;
    private final Map<Place, CompletableFuture<Boolean>> underWay = new ConcurrentHashMap<>();

    Placing(
            NodeAgents agents,
            Layers layers,
            LayerNodes nodes,
            Replication replication,
            Replicas replicas,
            SystemRegistry registry) {
        this.agents = agents;
        this.layers = layers;
        this.nodes = nodes;
        this.replication = replication;
        this.replicas = replicas;
        this.registry = registry;
    }

    private record Place(String project, Digest image, NodeId node) {}

    /** See {@code ImageApi.place}. */
    void place(Caller caller, ImagePlace place) {
        LayerNodes.Claimed claimed = nodes.claimed(caller.project(), place.owner(), place.node())
                .orElseThrow(() -> new Failure.NotFound("container "
                        + place.owner().container().shortForm() + " has claimed no image, in its life "
                        + place.owner().generation()));
        if (!claimed.held()) {
            bring(caller, claimed.image(), place.node());
        }
    }

    /** Has a node hold an image; {@link Failure.Unavailable} says why it cannot. */
    void bring(Caller caller, Digest image, NodeId node) {
        Place place = new Place(caller.project(), image, node);
        while (true) {
            CompletableFuture<Boolean> mine = new CompletableFuture<>();
            CompletableFuture<Boolean> other = underWay.putIfAbsent(place, mine);
            if (other == null) {
                lead(caller, place, mine);
                return;
            }
            if (followed(caller, other)) {
                return;
            }
        }
    }

    private void lead(Caller caller, Place place, CompletableFuture<Boolean> mine) {
        try {
            bring(caller, place);
            mine.complete(true);
        } catch (RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            underWay.remove(place, mine);
        }
    }

    /** Waits for another one who brings it. False when his time was over, which says nothing about what is possible in ours. */
    private static boolean followed(Caller caller, CompletableFuture<Boolean> other) {
        try {
            return other.get(caller.remaining().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new Failure.DeadlineExceeded("deadline exceeded: the image is still being brought to the node", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted while the image was brought to the node; try again", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Failure.DeadlineExceeded) {
                return false;
            }
            if (e.getCause() instanceof Failure failure) {
                throw failure;
            }
            throw new Failure.Internal("the image could not be brought to the node: " + e.getCause(), e);
        }
    }

    private void bring(Caller caller, Place place) {
        NodeAgents.Agent agent = agents.agent(caller, place.node);
        List<LoadedLayer> stack = layers.stack(place.project, place.image);
        if (holds(caller, agent, stack)) {
            hold(place, stack); // Nobody had noted it.
            return;
        }
        try {
            pull(caller, agent, place, stack);
        } catch (Failure.DeadlineExceeded e) {
            throw e;
        } catch (Failure e) {
            throw new Failure.Unavailable(
                    "image " + place.image + " cannot be brought to node " + agent.name() + ": " + e.text(), e);
        }
    }

    private void pull(Caller caller, NodeAgents.Agent agent, Place place, List<LoadedLayer> stack) {
        Replica replica = replication.require(caller, place.image);
        PullRequest request = new PullRequest(
                registry.repository(place.project).name(),
                registry.access(),
                registry.login(),
                remote(replica.layers(), stack));
        Transfer end;
        try {
            end = LayerTransfer.within(caller, agent, AgentPaths.PULL, request);
        } catch (Failure.DeadlineExceeded | Failure.Unavailable e) {
            throw e;
        } catch (Failure e) {
            if (replication.isLost(place.project, replica)) {
                // The next one who asks has it brought there again.
                replicas.doubt(place.project, place.image, replica);
            }
            throw e;
        }
        List<LoadedLayer> loaded = end.loaded();
        if (loaded == null) {
            throw new Failure.Internal("the agent ended a pull without its layers");
        }
        hold(place, loaded);
        // From here on the rows keep the layers, and the agent need not.
        if (!holds(caller, agent, loaded)) {
            nodes.drop(place.node, loaded.stream().map(LoadedLayer::chainId).toList());
            throw new Failure.Unavailable("a layer was removed from the node meanwhile; try again");
        }
    }

    private static List<RemoteLayer> remote(List<PushedLayer> pushed, List<LoadedLayer> stack) {
        if (pushed.size() != stack.size()) {
            throw new Failure.Internal("the system registry was given " + pushed.size() + " layers of " + stack.size());
        }
        List<RemoteLayer> remote = new ArrayList<>();
        for (int i = 0; i < stack.size(); i++) {
            remote.add(new RemoteLayer(
                    pushed.get(i).digest(), pushed.get(i).size(), stack.get(i).diffId()));
        }
        return remote;
    }

    private void hold(Place place, List<LoadedLayer> stack) {
        Attempts.of(() -> {
            layers.found(place.project, place.node, stack);
            return place;
        });
    }

    private static boolean holds(Caller caller, NodeAgents.Agent agent, List<LoadedLayer> stack) {
        List<LayerRef> refs = stack.stream()
                .map(layer -> new LayerRef(layer.chainId(), layer.diffId()))
                .toList();
        Set<LayerRef> held = new HashSet<>(agent.api().heldLayers(caller, refs));
        return held.containsAll(refs);
    }
}
