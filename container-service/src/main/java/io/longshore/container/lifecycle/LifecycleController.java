package io.longshore.container.lifecycle;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The verbs that change a container, as the Engine API has them. */
@RestController
class LifecycleController {
    private final Creation creation;
    private final Starting starting;
    private final Stopping stopping;
    private final Renaming renaming;
    private final Removal removal;
    private final Pruning pruning;
    private final Unlinking unlinking;

    LifecycleController(
            Creation creation,
            Starting starting,
            Stopping stopping,
            Renaming renaming,
            Removal removal,
            Pruning pruning,
            Unlinking unlinking) {
        this.unlinking = unlinking;
        this.creation = creation;
        this.starting = starting;
        this.stopping = stopping;
        this.renaming = renaming;
        this.removal = removal;
        this.pruning = pruning;
    }

    /** POST /containers/create. */
    @PostMapping(path = "/containers/create", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    Map<String, Object> create(
            Caller caller,
            @RequestParam(required = false) @Nullable String name,
            @RequestParam(required = false) @Nullable String platform,
            @RequestBody(required = false) byte @Nullable [] body) {
        Creation.Created created = creation.create(caller, name, platform, body == null ? new byte[0] : body);
        return Map.of("Id", created.id().value(), "Warnings", created.warnings());
    }

    /** POST /containers/{id}/start. */
    @PostMapping("/containers/{id}/start")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void start(Caller caller, @PathVariable String id) {
        starting.start(caller, id);
    }

    /** POST /containers/{id}/stop. */
    @PostMapping("/containers/{id}/stop")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void stop(
            Caller caller,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String signal,
            @RequestParam(required = false) @Nullable Integer t) {
        stopping.stop(caller, id, new Stopping.How(signal, t));
    }

    /** POST /containers/{id}/restart. */
    @PostMapping("/containers/{id}/restart")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void restart(
            Caller caller,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String signal,
            @RequestParam(required = false) @Nullable Integer t) {
        stopping.restart(caller, id, new Stopping.How(signal, t));
    }

    /** POST /containers/{id}/kill. */
    @PostMapping("/containers/{id}/kill")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void kill(Caller caller, @PathVariable String id, @RequestParam(required = false) @Nullable String signal) {
        stopping.kill(caller, id, signal);
    }

    /** POST /containers/{id}/rename. */
    @PostMapping("/containers/{id}/rename")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void rename(Caller caller, @PathVariable String id, @RequestParam(defaultValue = "") String name) {
        renaming.rename(caller, id, name);
    }

    /** DELETE /containers/{id}. */
    @DeleteMapping("/containers/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(
            Caller caller,
            @PathVariable String id,
            @RequestParam(defaultValue = "false") boolean v,
            @RequestParam(defaultValue = "false") boolean force,
            @RequestParam(defaultValue = "false") boolean link) {
        if (link) {
            throw new Failure.Conflict("Conflict, cannot remove the default link name of the container");
        }
        removal.remove(caller, id, v, force);
    }

    /** DELETE /containers/{id}, where that is {@code owner/alias}: such a container has no name but as a link. */
    @DeleteMapping("/containers/{owner}/{alias}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void unlink(
            Caller caller,
            @PathVariable String owner,
            @PathVariable String alias,
            @RequestParam(defaultValue = "false") boolean link) {
        if (!link) {
            throw new Failure.Invalid("\"" + owner + "/" + alias
                    + "\" is a link: remove it with \"docker rm --link\", or the container by its own name");
        }
        unlinking.unlink(caller, owner, alias);
    }

    /** POST /containers/prune. */
    @PostMapping("/containers/prune")
    Map<String, Object> prune(Caller caller, @RequestParam(required = false) @Nullable String filters) {
        Pruning.Pruned pruned = pruning.prune(caller, filters);
        return Map.of("ContainersDeleted", pruned.removed(), "SpaceReclaimed", pruned.reclaimed());
    }
}
