package io.longshore.image.removal;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.image.store.Attempts;
import io.longshore.image.store.Claims;
import io.longshore.image.store.Image;
import io.longshore.image.store.ImageName;
import io.longshore.image.store.ImageRepository;
import io.longshore.image.store.Images;
import io.longshore.image.store.Layers;
import io.longshore.oci.ImageReference;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.engine.LabelFilter;
import io.longshore.platform.engine.Timestamps;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Removes images that nobody uses (Engine API, ImagePrune; moby, daemon/images/image_prune.go): those without a tag, or, with
 * {@code dangling=false}, all that no container uses. What somebody begins to use meanwhile stays.
 */
@Component
class ImagePrune {
    private static final Set<String> FILTERS = Set.of("dangling", "until", "label", "label!");

    private final ImageRepository repository;
    private final Images images;
    private final Claims claims;
    private final Layers layers;
    private final ImageRemoval removal;
    private final LayerRemoval layerRemoval;

    ImagePrune(
            ImageRepository repository,
            Images images,
            Claims claims,
            Layers layers,
            ImageRemoval removal,
            LayerRemoval layerRemoval) {
        this.repository = repository;
        this.images = images;
        this.claims = claims;
        this.layers = layers;
        this.removal = removal;
        this.layerRemoval = layerRemoval;
    }

    /** What was removed; null for nothing, as in Docker. */
    record Pruned(
            @JsonProperty("ImagesDeleted") @Nullable List<DeletedImage> imagesDeleted,
            @JsonProperty("SpaceReclaimed") long spaceReclaimed) {}

    /** Removes them. */
    Pruned prune(Caller caller, @Nullable String filters) {
        Filters wanted = Filters.parse(filters, FILTERS);
        boolean tagged = Boolean.FALSE.equals(wanted.truth("dangling"));
        Instant until = wanted.of("until").stream()
                .map(text -> Timestamps.parse("until", text, Instant.now()))
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
        List<DeletedImage> done = new ArrayList<>();
        for (Image image : repository.findByKeyProjectAndRemovedAtIsNull(caller.project())) {
            boolean fits = image.createdOrEpoch().isBefore(until)
                    && LabelFilter.hasAll(image.labels(), wanted.of("label"))
                    && LabelFilter.hasNone(image.labels(), wanted.of("label!"));
            List<ImageReference> names = images.names(image);
            boolean hasTag = names.stream().anyMatch(name -> name.tag() != null);
            if (fits
                    && (tagged || !hasTag)
                    && claims.userOf(image.project(), image.id()).isEmpty()) {
                done.addAll(remove(image, names));
            }
        }
        List<Digest> gone = done.stream()
                .map(DeletedImage::deleted)
                .filter(Objects::nonNull)
                .map(Digest::parse)
                .toList();
        long space = layers.sizeOf(gone);
        if (!gone.isEmpty()) {
            layerRemoval.collect(caller);
        }
        return new Pruned(done.isEmpty() ? null : done, space);
    }

    private List<DeletedImage> remove(Image image, List<ImageReference> names) {
        List<DeletedImage> done = new ArrayList<>();
        List<String> each = names.isEmpty()
                ? List.of(image.id().value())
                : names.stream().map(ImageReference::toString).toList();
        for (String name : each) {
            try {
                done.addAll(Attempts.of(
                        () -> removal.remove(image.project(), ImageName.parse(name), false, Optional.empty())));
            } catch (Failure.Conflict | Failure.NotFound e) {
                // In use by now, built upon, or gone with another name.
            }
        }
        return done;
    }
}
