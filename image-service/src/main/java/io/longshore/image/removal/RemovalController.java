package io.longshore.image.removal;

import io.longshore.contracts.Caller;
import io.longshore.contracts.id.ContainerId;
import io.longshore.image.store.Attempts;
import io.longshore.image.store.ImageName;
import io.longshore.image.store.OnePlatform;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Removal (Engine API: ImageDelete, ImagePrune). Layers go from the node before the answer where that is possible, else soon after. */
@RestController
class RemovalController {
    private final ImageRemoval removal;
    private final RunningUsers running;
    private final LayerRemoval layerRemoval;
    private final ImagePrune prune;

    RemovalController(ImageRemoval removal, RunningUsers running, LayerRemoval layerRemoval, ImagePrune prune) {
        this.prune = prune;
        this.removal = removal;
        this.running = running;
        this.layerRemoval = layerRemoval;
    }

    /** POST /images/prune. */
    @PostMapping("/images/prune")
    ImagePrune.Pruned prune(Caller caller, @RequestParam(required = false) @Nullable String filters) {
        return prune.prune(caller, filters);
    }

    /** DELETE /images/{name}. Without parents from builds there is nothing that {@code noprune} would spare. */
    @DeleteMapping("/images/{*path}")
    List<DeletedImage> delete(
            Caller caller,
            @PathVariable String path,
            @RequestParam(defaultValue = "false") Boolean force,
            HttpServletRequest request) {
        OnePlatform.refuse("platforms", request.getParameterValues("platforms"));
        ImageName name = ImageName.parse(path.substring(1));
        Optional<ContainerId> user = running.first(caller, name);
        List<DeletedImage> done = Attempts.of(() -> removal.remove(caller.project(), name, force, user));
        if (done.stream().anyMatch(item -> item.deleted() != null)) {
            layerRemoval.collect(caller);
        }
        return done;
    }
}
