package io.longshore.image.removal;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.image.store.Claims;
import io.longshore.image.store.Image;
import io.longshore.image.store.ImageName;
import io.longshore.image.store.ImageRepository;
import io.longshore.image.store.Images;
import io.longshore.oci.ImageReference;
import io.longshore.platform.data.EventOutbox;
import io.longshore.platform.data.NewEvent;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.engine.LabelFilter;
import io.longshore.platform.engine.Timestamps;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Removes the images that nobody uses (Engine API, ImagePrune): one transaction each, so that one in use holds up no other. */
@Component
class ImagePruning {
    private final ImageRemoval removal;
    private final LayerRemoval layerRemoval;
    private final ImageRepository repository;
    private final Images images;
    private final Claims claims;
    private final EventOutbox outbox;
    private final TransactionTemplate transactions;

    ImagePruning(
            ImageRemoval removal,
            LayerRemoval layerRemoval,
            ImageRepository repository,
            Images images,
            Claims claims,
            EventOutbox outbox,
            TransactionTemplate transactions) {
        this.removal = removal;
        this.layerRemoval = layerRemoval;
        this.repository = repository;
        this.images = images;
        this.claims = claims;
        this.outbox = outbox;
        this.transactions = transactions;
    }

    /**
     * What went.
     *
     * @param images and names, in the order of removal
     * @param freed bytes
     */
    record Pruned(List<DeletedImage> images, long freed) {
        Pruned {
            images = List.copyOf(images);
        }
    }

    /** Those without a name, unless {@code dangling=false} asks for all, that the other filters let through. */
    Pruned prune(Caller caller, Filters wanted) {
        Boolean dangling = wanted.truth("dangling");
        List<DeletedImage> done = new ArrayList<>();
        long freed = 0;
        for (Image image : unused(caller.project(), dangling == null || dangling, wanted)) {
            try {
                done.addAll(removal.remove(
                        caller.project(), ImageName.parse(image.id().value()), true));
                freed += image.size();
            } catch (Failure.Conflict | Failure.NotFound e) {
                // Used or removed since the list was made: then it is not for us.
            }
        }
        layerRemoval.collect(caller);
        tellPruned(caller.project(), freed);
        return new Pruned(done, freed);
    }

    private void tellPruned(String project, long freed) {
        transactions.executeWithoutResult(status ->
                outbox.append(new NewEvent(project, "image", "prune", "", Map.of("reclaimed", Long.toString(freed)))));
    }

    private List<Image> unused(String project, boolean dangling, Filters wanted) {
        Map<Digest, List<ImageReference>> names = images.names(project);
        Set<Digest> used = claims.used(project);
        Instant until = wanted.has("until")
                ? Timestamps.parse("until", wanted.of("until").getFirst(), Instant.now())
                : Instant.MAX;
        return repository.findByKeyProject(project).stream()
                .filter(image -> !used.contains(image.id()))
                .filter(image -> !dangling || !names.containsKey(image.id()))
                .filter(image -> image.createdOrEpoch().isBefore(until))
                .filter(image -> LabelFilter.hasAll(image.labels(), wanted.of("label")))
                .filter(image -> LabelFilter.hasNone(image.labels(), wanted.of("label!")))
                .toList();
    }
}
