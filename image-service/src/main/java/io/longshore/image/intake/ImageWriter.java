package io.longshore.image.intake;

import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.image.node.NodeAgents;
import io.longshore.image.store.Image;
import io.longshore.image.store.ImageKey;
import io.longshore.image.store.ImageRepository;
import io.longshore.image.store.Images;
import io.longshore.image.store.LayerNodes;
import io.longshore.image.store.Layers;
import io.longshore.image.store.Reference;
import io.longshore.image.store.ReferenceKey;
import io.longshore.image.store.ReferenceRepository;
import io.longshore.oci.ImageReference;
import io.longshore.oci.manifest.ImageConfiguration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Writes images and names down, each with its event in the same transaction. */
@Component
public class ImageWriter {
    private final ImageRepository images;
    private final ReferenceRepository references;
    private final Images lookup;
    private final Layers layers;
    private final LayerNodes nodes;

    ImageWriter(
            ImageRepository images, ReferenceRepository references, Images lookup, Layers layers, LayerNodes nodes) {
        this.images = images;
        this.references = references;
        this.lookup = lookup;
        this.layers = layers;
        this.nodes = nodes;
    }

    /** A layer that is to be used is being removed; the transaction is undone, and is to be tried again in a while. */
    static final class LayerBusy extends RuntimeException {
        LayerBusy() {
            super("a layer is being removed", null, false, false);
        }
    }

    /** Writes a loaded image and its names down. {@link LayerBusy} when it must be tried again. */
    @Transactional
    public List<Stored> store(String project, NodeAgents.Agent agent, LoadedImage loaded, List<ImageReference> names) {
        Image image = held(project, agent, loaded);
        image.restored();
        List<Stored> stored = new ArrayList<>();
        for (ImageReference name : names) {
            stored.add(new Stored(name, give(image, name)));
        }
        lookup.tell(image, "load", image.id().value());
        return stored;
    }

    /** As {@link #store}, for an image that was imported. */
    @Transactional
    public void storeImported(
            String project, NodeAgents.Agent agent, LoadedImage loaded, @Nullable ImageReference name) {
        Image image = add(project, agent, loaded);
        if (name != null) {
            give(image, name);
            lookup.tell(image, "tag", name.familiar());
        }
        lookup.tell(image, "import", image.id().value());
    }

    /**
     * Writes an image down that came from a registry, with its names there. {@link LayerBusy} when it must be tried again.
     *
     * @return whether the first name has not led to it before
     */
    @Transactional
    public boolean storePulled(String project, NodeAgents.Agent agent, LoadedImage loaded, List<ImageReference> names) {
        Image image = held(project, agent, loaded);
        image.restored();
        boolean news = !leadsTo(names.getFirst(), image);
        names.forEach(name -> move(image, name));
        lookup.tellRegistry(image, "pull", names.getFirst());
        return news;
    }

    /** Notes that a registry has the image under a name, and under its digest there. */
    @Transactional
    public void pushed(String project, Digest id, ImageReference name, ImageReference byDigest) {
        images.lock(new ImageKey(project, id.value()))
                .filter(found -> !found.isRemoved())
                .ifPresent(image -> {
                    move(image, byDigest);
                    lookup.tellRegistry(image, "push", name);
                });
    }

    private boolean leadsTo(ImageReference name, Image image) {
        return references
                .findById(new ReferenceKey(image.project(), name.toString()))
                .filter(known -> known.image().equals(image.id()))
                .isPresent();
    }

    /** Whether the project has this image. */
    @Transactional(readOnly = true)
    public boolean has(String project, Digest id) {
        return images.findById(new ImageKey(project, id.value()))
                .filter(image -> !image.isRemoved())
                .isPresent();
    }

    /** The configuration of an image that a container still holds, though it may be removed. */
    @Transactional(readOnly = true)
    public ImageConfiguration configuration(String project, Digest id) {
        return images.findById(new ImageKey(project, id.value()))
                .orElseThrow(() -> new Failure.NotFound("No such image: " + id))
                .configuration();
    }

    /** As {@link #storeImported}, for an image that was made of a container of another image. */
    @Transactional
    public void storeCommitted(
            String project, NodeAgents.Agent agent, LoadedImage loaded, @Nullable ImageReference name, Digest parent) {
        Image image = add(project, agent, loaded);
        image.builtOn(parent);
        if (name != null) {
            give(image, name);
            lookup.tell(image, "tag", name.familiar());
        }
    }

    /** The image, added if it is not there; if it is, the agent's node may have been without it. */
    private Image held(String project, NodeAgents.Agent agent, LoadedImage loaded) {
        Optional<Image> known = images.lock(new ImageKey(project, loaded.id().value()));
        if (known.isEmpty()) {
            return add(project, agent, loaded);
        }
        nodes.hold(
                agent.node(),
                loaded.layers().stream().map(LoadedImage.LoadedLayer::chainId).toList());
        return known.get();
    }

    private Image add(String project, NodeAgents.Agent agent, LoadedImage loaded) {
        long size = loaded.layers().stream()
                .mapToLong(LoadedImage.LoadedLayer::size)
                .sum();
        Image image = images.save(new Image(project, loaded.id(), loaded.configJson(), size, agent.graphDriver()));
        images.flush();
        if (!layers.use(project, loaded.id(), agent.node(), loaded.layers())) {
            throw new LayerBusy();
        }
        return image;
    }

    /** Gives an image a name; see {@code POST /images/{name}/tag}. */
    @Transactional
    public void tag(String project, Digest id, ImageReference name) {
        Image image = images.lock(new ImageKey(project, id.value()))
                .filter(found -> !found.isRemoved())
                .orElseThrow(() -> new Failure.NotFound("No such image: " + id));
        give(image, name);
        lookup.tell(image, "tag", name.familiar());
    }

    /** Lets the name lead to the image; the id of the other image that it led to before. */
    private @Nullable Digest give(Image image, ImageReference name) {
        image.tagged(Instant.now());
        return move(image, name);
    }

    private @Nullable Digest move(Image image, ImageReference name) {
        Optional<Reference> known = references.findById(new ReferenceKey(image.project(), name.toString()));
        if (known.isEmpty()) {
            references.save(new Reference(image.project(), name, image.id()));
            return null;
        }
        Digest before = known.get().image();
        known.get().move(image.id());
        return before.equals(image.id()) ? null : before;
    }
}
