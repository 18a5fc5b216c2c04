package io.longshore.image.store;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.ImageReference;
import io.longshore.platform.data.EventOutbox;
import io.longshore.platform.data.NewEvent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** How a name leads to an image, which names an image has, and what is told of changes. */
@Component
public class Images {
    private final ImageRepository images;
    private final ReferenceRepository references;
    private final EventOutbox outbox;

    Images(ImageRepository images, ReferenceRepository references, EventOutbox outbox) {
        this.images = images;
        this.references = references;
        this.outbox = outbox;
    }

    /** The image of this name; {@link Failure.NotFound} in Docker's words. */
    @Transactional(readOnly = true)
    public Image require(String project, ImageName name) {
        return find(project, name).orElseThrow(name::notFound);
    }

    /** The image of this name. */
    @Transactional(readOnly = true)
    public Optional<Image> find(String project, ImageName name) {
        ImageReference reference = name.reference();
        if (reference != null) {
            Optional<Reference> named = references.findById(new ReferenceKey(project, reference.toString()));
            if (named.isPresent()) {
                return images.findById(new ImageKey(project, named.get().image().value()));
            }
        }
        if (name.idPrefix() == null) {
            return Optional.empty();
        }
        List<Image> begun =
                images.findFirst2ByKeyProjectAndRemovedAtIsNullAndKeyIdStartingWith(project, name.idPrefix());
        return begun.size() == 1 ? Optional.of(begun.getFirst()) : Optional.empty();
    }

    /** Which images the names lead to; a name that leads to none is left out. One query for all that are references. */
    @Transactional(readOnly = true)
    public Map<String, Digest> resolve(String project, Set<String> names) {
        Map<String, String> references = new HashMap<>();
        for (String name : names) {
            ImageReference reference = ImageName.parse(name).reference();
            if (reference != null) {
                references.put(name, reference.toString());
            }
        }
        Map<String, Digest> named = new HashMap<>();
        for (Reference found : this.references.findByKeyProjectAndKeyNameIn(project, Set.copyOf(references.values()))) {
            named.put(found.name().toString(), found.image());
        }
        Map<String, Digest> resolved = new HashMap<>();
        for (String name : names) {
            Digest image = named.get(references.getOrDefault(name, ""));
            if (image == null) {
                image = find(project, ImageName.parse(name)).map(Image::id).orElse(null);
            }
            if (image != null) {
                resolved.put(name, image);
            }
        }
        return resolved;
    }

    /** How many images the project has. */
    public int count(String project) {
        return images.countByKeyProjectAndRemovedAtIsNull(project);
    }

    /** The image's names, sorted. */
    public List<ImageReference> names(Image image) {
        return references
                .findByKeyProjectAndImageIdOrderByKeyName(
                        image.project(), image.id().value())
                .stream()
                .map(Reference::name)
                .toList();
    }

    /** All names of the project in this repository, sorted. */
    @Transactional(readOnly = true)
    public List<ImageReference> repository(String project, ImageReference repository) {
        return references.findByKeyProjectAndKeyNameStartingWithOrderByKeyName(project, repository.name()).stream()
                .map(Reference::name)
                .filter(name -> name.name().equals(repository.name()))
                .toList();
    }

    /** Every name of the project by the id that it leads to, sorted. */
    public Map<Digest, List<ImageReference>> names(String project) {
        Map<Digest, List<ImageReference>> all = new HashMap<>();
        for (Reference reference : references.findByKeyProjectOrderByKeyName(project)) {
            all.merge(reference.image(), List.of(reference.name()), Images::joined);
        }
        return all;
    }

    private static List<ImageReference> joined(List<ImageReference> some, List<ImageReference> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }

    /** Tells of a change, in the running transaction: Docker's attributes are the labels and a name. */
    public void tell(Image image, String action, String name) {
        Map<String, String> attributes = new HashMap<>(image.labels());
        attributes.put("name", name);
        outbox.append(new NewEvent(image.project(), "image", action, image.id().value(), attributes));
    }

    /** As {@link #tell}, of what concerns a registry: Docker names the reference instead of the image. */
    public void tellRegistry(Image image, String action, ImageReference name) {
        Map<String, String> attributes = new HashMap<>(image.labels());
        attributes.put("name", name.familiarName());
        outbox.append(new NewEvent(image.project(), "image", action, name.familiar(), attributes));
    }
}
