package io.longshore.image.removal;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.image.store.Attempts;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Removal (Engine API: ImageDelete, ImagePrune). Layers go from the node before the answer where that is possible, else soon after. */
@RestController
class RemovalController {
    private static final Set<String> FILTERS = Set.of("dangling", "until", "label", "label!");

    private final ImageRemoval removal;
    private final LayerRemoval layerRemoval;
    private final ImageRepository repository;
    private final Images images;
    private final Claims claims;
    private final EventOutbox outbox;
    private final TransactionTemplate transactions;

    RemovalController(
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

    /** DELETE /images/{name}. Without parents from builds there is nothing that {@code noprune} would spare. */
    @DeleteMapping("/images/{*path}")
    List<DeletedImage> delete(
            Caller caller, @PathVariable String path, @RequestParam(defaultValue = "false") Boolean force) {
        ImageName name = ImageName.parse(path.substring(1));
        List<DeletedImage> done = Attempts.of(() -> removal.remove(caller.project(), name, force));
        if (done.stream().anyMatch(item -> item.deleted() != null)) {
            layerRemoval.collect(caller);
        }
        return done;
    }

    /** POST /images/prune. */
    @PostMapping("/images/prune")
    Map<String, Object> prune(Caller caller, @RequestParam(required = false) @Nullable String filters) {
        Filters wanted = Filters.parse(filters, FILTERS);
        Boolean dangling = wanted.truth("dangling");
        List<DeletedImage> done = new ArrayList<>();
        long freed = 0;
        for (Image image : unused(caller.project(), dangling == null || dangling, wanted)) {
            try {
                List<DeletedImage> removed = removal.remove(
                        caller.project(), ImageName.parse(image.id().value()), true);
                done.addAll(removed);
                freed += image.size();
            } catch (Failure.Conflict | Failure.NotFound e) {
                // Used or removed since the list was made: then it is not for us.
            }
        }
        layerRemoval.collect(caller);
        tellPruned(caller.project(), freed);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("ImagesDeleted", done.isEmpty() ? null : done);
        answer.put("SpaceReclaimed", freed);
        return answer;
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
