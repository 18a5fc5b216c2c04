package io.longshore.image.intake;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.image.ImageCommit;
import io.longshore.image.node.NodeAgents;
import io.longshore.image.place.Replication;
import io.longshore.image.removal.ImageRemoval;
import io.longshore.image.removal.LayerRemoval;
import io.longshore.image.store.Attempts;
import io.longshore.image.store.ImageName;
import io.longshore.image.store.LayerNodes;
import io.longshore.image.store.Layers;
import io.longshore.oci.ImageReference;
import io.longshore.platform.stream.StreamRequest;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;

/**
 * Load and import. The agent takes the stream in; its layers are noted before the images are, so that whatever fails in between leaves
 * rows by which the layers are found and removed.
 */
@Component
public class Intake {
    private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
    /** Longest wait for a removal of a layer that is needed again; a removal holds it for at most 90 s. */
    private static final Duration BUSY = Duration.ofSeconds(100);
    /** Uploads last as long as their sender takes. */
    private static final Duration UPLOAD = Duration.ofHours(2);

    private final NodeAgents agents;
    private final Layers layers;
    private final LayerNodes nodes;
    private final ImageWriter writer;
    private final ImageRemoval imageRemoval;
    private final LayerRemoval removal;
    private final Replication replication;

    Intake(
            NodeAgents agents,
            Layers layers,
            LayerNodes nodes,
            ImageWriter writer,
            ImageRemoval imageRemoval,
            LayerRemoval removal,
            Replication replication) {
        this.agents = agents;
        this.layers = layers;
        this.nodes = nodes;
        this.writer = writer;
        this.imageRemoval = imageRemoval;
        this.removal = removal;
        this.replication = replication;
    }

    /** An image that was loaded and the names that it was given. */
    public record Loaded(LoadedImage image, List<Stored> names) {}

    /**
     * Loads an archive; {@code AgentPaths.LOAD} says of what kind.
     *
     * @param each is told of each image as soon as it is written down
     */
    public void load(Caller caller, InputStream archive, Consumer<Loaded> each) {
        Caller patient = patient(caller);
        NodeAgents.Agent agent = agents.agent(caller);
        List<LoadedImage> images = agent.streams()
                .upload(
                        patient,
                        StreamRequest.post(AgentPaths.LOAD),
                        archive,
                        new TypeReference<>() {},
                        AgentPaths.LOAD_ANSWER_BYTES);
        confirming(patient, agent, images, turn -> {
            List<List<ImageReference>> names =
                    images.stream().map(Intake::names).toList();
            for (int i = 0; i < images.size(); i++) {
                LoadedImage image = images.get(i);
                List<ImageReference> own = names.get(i);
                each.accept(turn.of(
                        image, () -> new Loaded(image, writer.store(patient.project(), agent, image, own))));
            }
            return images;
        });
    }

    private static List<ImageReference> names(LoadedImage image) {
        return image.names().stream().map(Intake::name).distinct().toList();
    }

    /** A digest is content's own, so nobody can claim one for an image by writing it into an archive. */
    private static ImageReference name(String text) {
        ImageReference name = ImageReference.parse(text);
        if (name.digest() != null) {
            throw new Failure.Invalid("invalid tag \"" + text + "\"");
        }
        return name.withDefaultTag();
    }

    /**
     * Imports a root file system as an image of one layer.
     *
     * @param name to give to it, or null
     */
    public LoadedImage importRoot(
            Caller caller, InputStream root, @Nullable ImageReference name, ImportedConfig config) {
        Caller patient = patient(caller);
        NodeAgents.Agent agent = agents.agent(caller);
        LoadedLayer layer = agent.streams()
                .upload(
                        patient,
                        StreamRequest.post(AgentPaths.IMPORT),
                        root,
                        new TypeReference<>() {},
                        AgentPaths.LOAD_ANSWER_BYTES);
        LoadedImage image = config.image(layer, Instant.now());
        return confirming(
                patient,
                agent,
                List.of(image),
                turn -> turn.of(image, () -> {
                    writer.storeImported(patient.project(), agent, image, name);
                    return image;
                }));
    }

    /** Whether the caller's project has this image. */
    public boolean has(Caller caller, Digest id) {
        return writer.has(caller.project(), id);
    }

    /**
     * Writes an image down whose layers an agent has brought from a registry.
     *
     * @param names its names there, the one that was asked for first
     * @return whether that name has not led to it before
     */
    public boolean pulled(Caller caller, NodeAgents.Agent agent, LoadedImage image, List<ImageReference> names) {
        return confirming(
                caller,
                agent,
                List.of(image),
                turn -> turn.of(image, () -> writer.storePulled(caller.project(), agent, image, names)));
    }

    /** Writes an image down that a container has become; see {@code ImageCommitApi.commit}. */
    public LoadedImage commit(Caller caller, ImageCommit commit) {
        NodeAgents.Agent agent = commit.node() == null ? agents.agent(caller) : agents.agent(caller, commit.node());
        LoadedImage layersOnly = new LoadedImage(commit.parent(), "", List.of(), commit.layers());
        CommittedConfig config;
        LoadedImage image;
        try {
            config = CommittedConfig.of(commit);
            image = config.image(writer.configuration(caller.project(), commit.parent()), Instant.now());
        } catch (Failure e) {
            undo(caller, agent, refs(List.of(layersOnly)), e);
            throw e;
        }
        return confirming(
                caller,
                agent,
                List.of(image),
                turn -> turn.of(image, () -> {
                    writer.storeCommitted(caller.project(), agent, image, config.name(), commit.parent());
                    return image;
                }));
    }

    private static Caller patient(Caller caller) {
        return new Caller(caller.principal(), caller.project(), Instant.now().plus(UPLOAD), caller.traceId());
    }

    private static Set<LayerRef> refs(List<LoadedImage> images) {
        Set<LayerRef> refs = new LinkedHashSet<>();
        images.forEach(image ->
                image.layers().forEach(layer -> refs.add(new LayerRef(layer.chainId(), layer.diffId()))));
        return refs;
    }

    private <T> T confirming(
            Caller caller, NodeAgents.Agent agent, List<LoadedImage> images, Function<Turn, T> writing) {
        Set<LayerRef> refs = refs(images);
        T result;
        try {
            images.forEach(image -> found(caller, agent, image));
            result = writing.apply(new Turn(caller, agent));
        } catch (RuntimeException e) {
            undo(caller, agent, refs, e);
            throw e;
        }
        confirm(caller, agent, images, refs);
        replication.attempt(
                caller, agent, images.stream().map(LoadedImage::id).distinct().toList());
        return result;
    }

    private void found(Caller caller, NodeAgents.Agent agent, LoadedImage image) {
        Attempts.of(() -> {
            layers.found(caller.project(), agent.node(), image.layers());
            return image;
        });
    }

    /** The images are written down: an agent that does not answer now keeps the layers for a while, and no removal takes them after. */
    private void confirm(Caller caller, NodeAgents.Agent agent, List<LoadedImage> images, Set<LayerRef> refs) {
        Set<LayerRef> held;
        try {
            held = Set.copyOf(agent.api().heldLayers(caller.within(Duration.ofSeconds(30)), List.copyOf(refs)));
        } catch (Failure e) {
            LOG.warn("the agent could not be told that images are written down: {}", e.text());
            return;
        }
        List<LoadedImage> broken = images.stream()
                .filter(image -> image.layers().stream()
                        .anyMatch(layer -> !held.contains(new LayerRef(layer.chainId(), layer.diffId()))))
                .toList();
        if (!broken.isEmpty()) {
            List<Digest> lost = refs.stream()
                    .filter(ref -> !held.contains(ref))
                    .map(LayerRef::chainId)
                    .toList();
            nodes.drop(agent.node(), lost);
            broken.forEach(image -> discard(caller, image));
            throw new Failure.Unavailable(
                    "a layer was removed from the node while the image was loaded; load it again");
        }
    }

    /** Takes back what was written down of an image that no node holds. */
    private void discard(Caller caller, LoadedImage image) {
        if (!nodes.holders(caller.project(), image.id()).isEmpty()) {
            return; // It was there before, on another node.
        }
        try {
            ImageName name = ImageName.parse(image.id().value());
            Attempts.of(() -> imageRemoval.remove(caller.project(), name, true, Optional.empty()));
        } catch (Failure.NotFound e) {
            // Somebody else removed it meanwhile.
        }
    }

    private void undo(Caller caller, NodeAgents.Agent agent, Set<LayerRef> refs, RuntimeException reason) {
        try {
            agent.api().heldLayers(caller.within(Duration.ofSeconds(30)), List.copyOf(refs));
            removal.collect(caller);
        } catch (RuntimeException e) {
            reason.addSuppressed(e);
        }
    }

    /** One load's patience with layers that are being removed: all its images together wait for less than the agent keeps its layers. */
    private final class Turn {
        private final Caller caller;
        private final NodeAgents.Agent agent;
        private final Instant end = Instant.now().plus(BUSY);

        Turn(Caller caller, NodeAgents.Agent agent) {
            this.caller = caller;
            this.agent = agent;
        }

        /** Writes an image down, again and again while one of its layers is being removed. */
        <T> T of(LoadedImage image, Supplier<T> writing) {
            while (true) {
                try {
                    return Attempts.of(writing);
                } catch (ImageWriter.LayerBusy e) {
                    if (Instant.now().isAfter(end)) {
                        throw new Failure.Unavailable(
                                "a layer of image " + image.id() + " is being removed; try again", e);
                    }
                    pause();
                    found(caller, agent, image);
                }
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(Duration.ofMillis(200));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted while a layer was being removed; try again", e);
        }
    }
}
