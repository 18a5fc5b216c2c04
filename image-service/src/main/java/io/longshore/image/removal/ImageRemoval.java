package io.longshore.image.removal;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.image.store.Claims;
import io.longshore.image.store.Image;
import io.longshore.image.store.ImageKey;
import io.longshore.image.store.ImageName;
import io.longshore.image.store.ImageRepository;
import io.longshore.image.store.Images;
import io.longshore.image.store.Layers;
import io.longshore.image.store.ReferenceKey;
import io.longshore.image.store.ReferenceRepository;
import io.longshore.oci.ImageReference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Untags and deletes images, by Docker's rules (Engine API, ImageDelete; moby, daemon/images/image_delete.go): a name takes itself away and
 * the image with it when it was the last; an id takes the image. A running container or an image built on it always keeps it; a stopped
 * container or several names keep it unless force is used.
 */
@Component
public class ImageRemoval {
    private final ImageRepository repository;
    private final ReferenceRepository references;
    private final Images images;
    private final Claims claims;
    private final Layers layers;

    ImageRemoval(
            ImageRepository repository, ReferenceRepository references, Images images, Claims claims, Layers layers) {
        this.repository = repository;
        this.references = references;
        this.images = images;
        this.claims = claims;
        this.layers = layers;
    }

    /**
     * Removes what the name says, in one transaction with its events; {@code CONFLICT} with Docker's words when that must not be.
     *
     * @param running a running container that uses the image
     */
    @Transactional
    public List<DeletedImage> remove(String project, ImageName name, boolean force, Optional<ContainerId> running) {
        Digest id = images.require(project, name).id();
        Image image = repository
                .lock(new ImageKey(project, id.value()))
                .filter(found -> !found.isRemoved())
                .orElseThrow(name::notFound);
        List<DeletedImage> done = new ArrayList<>();
        List<ImageReference> names = new ArrayList<>(images.names(image));
        boolean byId = name.isIdOf(id.value()) && (name.reference() == null || !names.contains(name.reference()));
        if (byId) {
            refuse(image, running, force, isSingle(names) ? List.of() : names);
        } else {
            ImageReference given = named(name, names);
            if (!force && isSingle(names)) {
                refuseLastNameOfUsed(image, name.text());
            }
            untag(image, given, done);
            names.remove(given);
            takeDigests(image, given, names, done);
            if (!names.isEmpty() || conflict(image, running, force, names).isPresent()) {
                return done; // Other names, or the last one of an image that something still needs.
            }
        }
        delete(image, names, done);
        return done;
    }

    /** With the last tag of a repository its digests go, too, which nobody has asked for by themselves. */
    private void takeDigests(Image image, ImageReference given, List<ImageReference> names, List<DeletedImage> done) {
        List<ImageReference> same =
                names.stream().filter(name -> name.name().equals(given.name())).toList();
        if (given.digest() == null && same.stream().noneMatch(name -> name.digest() == null)) {
            same.forEach(name -> untag(image, name, done));
            names.removeAll(same);
        }
    }

    private static ImageReference named(ImageName name, List<ImageReference> names) {
        ImageReference reference = name.reference();
        if (reference == null || !names.contains(reference)) {
            throw new Failure.NotFound("reference does not exist");
        }
        return reference;
    }

    private void delete(Image image, List<ImageReference> names, List<DeletedImage> done) {
        names.forEach(name -> untag(image, name, done));
        images.tell(image, "delete", image.id().value());
        done.add(DeletedImage.deleted(image.id().value()));
        if (claims.userOf(image.project(), image.id()).isPresent()) {
            image.removed(Instant.now()); // The layers are the container's as long as it is there.
            return;
        }
        List<Digest> freed = layers.ownedBy(image.project(), image.id());
        repository.delete(image);
        repository.flush();
        freed.forEach(layer -> done.add(DeletedImage.deleted(layer.value())));
    }

    private void untag(Image image, ImageReference name, List<DeletedImage> done) {
        references.findById(new ReferenceKey(image.project(), name.toString())).ifPresent(references::delete);
        images.tell(image, "untag", image.id().value());
        done.add(DeletedImage.untagged(name.familiar()));
    }

    /** At most one tag, and all names in one repository. */
    private static boolean isSingle(List<ImageReference> names) {
        return names.size() <= 1
                || (names.stream().filter(name -> name.tag() != null).count() <= 1
                        && names.stream().map(ImageReference::name).distinct().count() == 1);
    }

    private void refuseLastNameOfUsed(Image image, String text) {
        Optional<ContainerId> user = claims.userOf(image.project(), image.id());
        if (user.isPresent()) {
            throw new Failure.Conflict(
                    "conflict: unable to remove repository reference \"" + text + "\" (must force) - container "
                            + user.get().shortForm() + " is using its referenced image " + shortForm(image.id()));
        }
    }

    private void refuse(Image image, Optional<ContainerId> running, boolean force, List<ImageReference> names) {
        conflict(image, running, force, names).ifPresent(conflict -> {
            throw conflict;
        });
    }

    /** What keeps the image: first what force does not help against, then what it does. */
    private Optional<Failure.Conflict> conflict(
            Image image, Optional<ContainerId> running, boolean force, List<ImageReference> names) {
        if (claims.descendants(image.project(), image.id()).size() > 1) {
            return Optional.of(conflict(image, true, "image has dependent child images"));
        }
        if (running.isPresent()) {
            return Optional.of(conflict(
                    image,
                    true,
                    "image is being used by running container " + running.get().shortForm()));
        }
        if (force) {
            return Optional.empty();
        }
        if (!names.isEmpty()) {
            return Optional.of(conflict(image, false, "image is referenced in multiple repositories"));
        }
        return claims.userOf(image.project(), image.id())
                .map(user -> conflict(image, false, "image is being used by stopped container " + user.shortForm()));
    }

    private static Failure.Conflict conflict(Image image, boolean hard, String why) {
        return new Failure.Conflict("conflict: unable to delete " + shortForm(image.id())
                + (hard ? " (cannot be forced) - " : " (must be forced) - ") + why);
    }

    private static String shortForm(Digest id) {
        return id.hex().substring(0, 12);
    }
}
