package io.longshore.image.place;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.PushRequest;
import io.longshore.contracts.agent.Transfer;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.image.node.NodeAgents;
import io.longshore.image.registry.SystemRegistry;
import io.longshore.image.store.Image;
import io.longshore.image.store.ImageKey;
import io.longshore.image.store.ImageRepository;
import io.longshore.image.store.LayerNodes;
import io.longshore.image.transfer.LayerTransfer;
import io.longshore.image.transfer.PushedManifest;
import io.longshore.image.transfer.TimeLimit;
import io.longshore.oci.registry.RegistryClient;
import io.longshore.oci.registry.call.RegistryCaller;
import io.longshore.oci.registry.call.RegistryError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Brings images to the system registry, from a node that holds them: configuration and layers, byte for byte, then the manifest, so that
 * what is there is whole. Doing it twice changes nothing. Thread-safe.
 */
@Component
public class Replication {
    private static final Logger LOG = LoggerFactory.getLogger(Replication.class);
    /** Longest that one image takes: whoever brings it waits for that. */
    static final Duration LONGEST = Duration.ofMinutes(10);

    private static final int NOT_FOUND = 404;

    private final SystemRegistry registry;
    private final Replicas replicas;
    private final ImageRepository images;
    private final LayerNodes nodes;
    private final NodeAgents agents;

    Replication(
            SystemRegistry registry, Replicas replicas, ImageRepository images, LayerNodes nodes, NodeAgents agents) {
        this.registry = registry;
        this.replicas = replicas;
        this.images = images;
        this.nodes = nodes;
        this.agents = agents;
    }

    /** Brings images there that a node was given, if there is a system registry. What fails is tried again by a sweep. */
    public void attempt(Caller caller, NodeAgents.Agent agent, List<Digest> given) {
        if (!registry.isConfigured()) {
            return;
        }
        for (Digest image : given) {
            try {
                if (replicas.find(caller.project(), image, registry.address()).isEmpty()) {
                    push(caller.within(LONGEST), agent, image);
                }
            } catch (RegistryCaller.Unreachable e) {
                // Nor would it take the others; each attempt costs as long as a connection may take.
                LOG.warn("{} images are on node {} alone for now: {}", given.size(), agent.name(), e.text());
                return;
            } catch (RuntimeException e) { // Whatever it is: the image is there.
                LOG.warn(
                        "image {} is on node {} alone for now, the system registry {} could not be given it: {}",
                        image,
                        agent.name(),
                        registry.address(),
                        e instanceof Failure failure ? failure.text() : e);
            }
        }
    }

    /** What the registry has of an image, which is brought there if it has not; {@link Failure.Unavailable} says why it cannot. */
    Replica require(Caller caller, Digest image) {
        if (!registry.isConfigured()) {
            throw new Failure.Unavailable("no system registry is configured (image.system-registry.address)");
        }
        Optional<Replica> known = replicas.find(caller.project(), image, registry.address());
        if (known.isPresent()) {
            return known.get();
        }
        return push(caller, source(caller, image), image);
    }

    /**
     * Brings an image there unless the registry, which is asked for each part of it, has it.
     *
     * @return whether it had not
     * @throws Failure.Unavailable as {@link #require}
     */
    boolean ensure(Caller caller, Digest image) {
        Optional<Replica> known = replicas.find(caller.project(), image, registry.address());
        if (known.isPresent()) {
            if (isWhole(caller, image, known.get())) {
                return false;
            }
            replicas.doubt(caller.project(), image, known.get());
        }
        require(caller, image);
        return true;
    }

    private boolean isWhole(Caller caller, Digest image, Replica replica) {
        try (RegistryClient client = registry.writing(caller.project());
                TimeLimit limit = new TimeLimit(caller, client::close)) {
            try {
                return client.manifest(registry.tag(image)).digest().equals(replica.digest())
                        && client.hasBlob(image)
                        && replica.layers().stream().allMatch(layer -> client.hasBlob(layer.digest()));
            } catch (RegistryError e) {
                if (e.status() == NOT_FOUND) {
                    return false;
                }
                throw limit.of(e);
            } catch (Failure e) {
                throw limit.of(e);
            }
        }
    }

    /** Whether the registry answers and has not all layers that it was given. */
    boolean isLost(String project, Replica replica) {
        try (RegistryClient client = registry.writing(project)) {
            return replica.layers().stream().anyMatch(layer -> !client.hasBlob(layer.digest()));
        } catch (Failure e) {
            LOG.info(
                    "whether the system registry {} has what it was given cannot be told: {}",
                    registry.address(),
                    e.text());
            return false;
        }
    }

    /** A node that can give the image. */
    private NodeAgents.Agent source(Caller caller, Digest image) {
        List<NodeId> holders = nodes.holders(caller.project(), image);
        Map<NodeId, NodeAgents.Agent> ready = agents.ready(caller);
        boolean anywhere = holders.isEmpty()
                && nodes.holders(caller.project(), List.of(image)).isEmpty();
        return ready.values().stream()
                .filter(agent -> anywhere || holders.contains(agent.node()))
                .findFirst()
                .orElseThrow(() -> new Failure.Unavailable("the system registry " + registry.address()
                        + " does not have it, and no node that holds it is ready (" + told(holders) + ")"));
    }

    private static String told(List<NodeId> holders) {
        return holders.isEmpty()
                ? "none does"
                : String.join(", ", holders.stream().map(NodeId::value).toList());
    }

    private Replica push(Caller caller, NodeAgents.Agent agent, Digest id) {
        String project = caller.project();
        Image image = images.findById(new ImageKey(project, id.value()))
                .orElseThrow(() -> new Failure.NotFound("No such image: " + id));
        if (!replicas.begin(project, id, registry.address())) {
            throw new Failure.Unavailable("what the system registry had of it before is being removed; try again");
        }
        byte[] config = image.configJson().getBytes(StandardCharsets.UTF_8);
        Replica replica;
        try (RegistryClient client = registry.writing(project);
                TimeLimit limit = new TimeLimit(caller, client::close)) {
            try {
                // First what tells whether the registry answers at all.
                if (!client.hasBlob(id)) {
                    client.upload(id, new ByteArrayEntity(config, ContentType.APPLICATION_OCTET_STREAM));
                }
                PushRequest request = new PushRequest(
                        registry.repository(project).name(),
                        registry.access(),
                        registry.login(),
                        image.configuration().diffIds(),
                        List.of());
                Transfer end = LayerTransfer.within(caller, agent, AgentPaths.PUSH, request);
                if (end.pushed() == null) {
                    throw new Failure.Internal("the agent ended a push without its layers");
                }
                PushedManifest manifest = PushedManifest.of(id, config.length, end.pushed());
                client.putManifest(registry.tag(id), manifest.mediaType(), manifest.bytes());
                replica = new Replica(Digest.of(manifest.bytes()), end.pushed());
            } catch (Failure e) {
                throw limit.of(e);
            }
        }
        if (!replicas.end(project, id, registry.address(), replica)) {
            throw new Failure.Unavailable("the image was removed while it was brought to the system registry");
        }
        return replica;
    }
}
