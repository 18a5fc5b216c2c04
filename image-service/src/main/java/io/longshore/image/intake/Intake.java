package io.longshore.image.intake;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.error.Failure;
import io.longshore.image.node.NodeAgents;
import io.longshore.image.removal.LayerRemoval;
import io.longshore.image.store.Attempts;
import io.longshore.image.store.Layers;
import io.longshore.oci.ImageReference;
import io.longshore.platform.stream.StreamRequest;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;

/**
 * Load and import. The agent takes the stream in; its layers are noted before the images are, so that whatever fails in between leaves
 * rows by which the layers are found and removed.
 */
@Component
public class Intake {
    /** Longest wait for a removal of a layer that is needed again; a removal holds it for at most 90 s. */
    private static final Duration BUSY = Duration.ofSeconds(100);
    /** Uploads last as long as their sender takes. */
    private static final Duration UPLOAD = Duration.ofHours(2);

    private final NodeAgents agents;
    private final Layers layers;
    private final ImageWriter writer;
    private final LayerRemoval removal;

    Intake(NodeAgents agents, Layers layers, ImageWriter writer, LayerRemoval removal) {
        this.agents = agents;
        this.layers = layers;
        this.writer = writer;
        this.removal = removal;
    }

    /** An image that was loaded and the names that it was given. */
    public record Loaded(LoadedImage image, List<Stored> names) {}

    /** Loads an archive; {@code AgentPaths.LOAD} says of what kind. */
    public List<Loaded> load(Caller caller, InputStream archive) {
        Caller patient = patient(caller);
        NodeAgents.Agent agent = agents.agent(caller);
        List<LoadedImage> images = agent.streams()
                .upload(
                        patient,
                        StreamRequest.post(AgentPaths.LOAD),
                        archive,
                        new TypeReference<>() {},
                        AgentPaths.LOAD_ANSWER_BYTES);
        return confirming(patient, agent, images, () -> {
            List<Loaded> loaded = new ArrayList<>();
            List<List<ImageReference>> names =
                    images.stream().map(Intake::names).toList();
            for (int i = 0; i < images.size(); i++) {
                loaded.add(store(patient, agent, images.get(i), names.get(i)));
            }
            return loaded;
        });
    }

    private Loaded store(Caller caller, NodeAgents.Agent agent, LoadedImage image, List<ImageReference> names) {
        return whenNotBusy(
                caller,
                image,
                () -> new Loaded(image, writer.store(caller.project(), agent.graphDriver(), image, names)));
    }

    private static List<ImageReference> names(LoadedImage image) {
        return image.names().stream()
                .map(name -> ImageReference.parse(name).withDefaultTag())
                .distinct()
                .toList();
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
        return confirming(patient, agent, List.of(image), () -> {
            return whenNotBusy(patient, image, () -> {
                writer.storeImported(patient.project(), agent.graphDriver(), image, name);
                return image;
            });
        });
    }

    private static Caller patient(Caller caller) {
        return new Caller(caller.principal(), caller.project(), Instant.now().plus(UPLOAD), caller.traceId());
    }

    private <T> T confirming(Caller caller, NodeAgents.Agent agent, List<LoadedImage> images, Supplier<T> writing) {
        Set<LayerRef> refs = new LinkedHashSet<>();
        for (LoadedImage image : images) {
            layers.found(caller.project(), image.layers());
            image.layers().forEach(layer -> refs.add(new LayerRef(layer.chainId(), layer.diffId())));
        }
        try {
            T result = writing.get();
            confirm(caller, agent, refs);
            return result;
        } catch (RuntimeException e) {
            undo(caller, agent, refs, e);
            throw e;
        }
    }

    private static void confirm(Caller caller, NodeAgents.Agent agent, Set<LayerRef> refs) {
        List<LayerRef> held = agent.api().heldLayers(caller.within(Duration.ofSeconds(30)), List.copyOf(refs));
        if (held.size() != refs.size()) {
            throw new Failure.Unavailable(
                    "a layer was removed from the node while the image was loaded; load it again");
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

    /** Writes an image down, again and again while one of its layers is being removed. */
    private <T> T whenNotBusy(Caller caller, LoadedImage image, Supplier<T> writing) {
        Instant end = Instant.now().plus(BUSY);
        while (true) {
            try {
                return Attempts.of(writing);
            } catch (ImageWriter.LayerBusy e) {
                if (Instant.now().isAfter(end)) {
                    throw new Failure.Unavailable("a layer of image " + image.id() + " is being removed; try again", e);
                }
                pause();
                layers.found(caller.project(), image.layers());
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
