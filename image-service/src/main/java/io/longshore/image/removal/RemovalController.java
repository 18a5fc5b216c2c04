package io.longshore.image.removal;

import io.longshore.contracts.Caller;
import io.longshore.image.store.Attempts;
import io.longshore.image.store.ImageName;
import io.longshore.platform.engine.Filters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
    private final ImagePruning pruning;
    private final LayerRemoval layerRemoval;

    RemovalController(ImageRemoval removal, ImagePruning pruning, LayerRemoval layerRemoval) {
        this.removal = removal;
        this.pruning = pruning;
        this.layerRemoval = layerRemoval;
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
        ImagePruning.Pruned pruned = pruning.prune(caller, Filters.parse(filters, FILTERS));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("ImagesDeleted", pruned.images().isEmpty() ? null : pruned.images());
        answer.put("SpaceReclaimed", pruned.freed());
        return answer;
    }
}
