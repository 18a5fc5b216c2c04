package io.longshore.volume;

import io.longshore.contracts.Caller;
import io.longshore.platform.engine.ApiVersion;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Makes and removes volumes, as the Engine API has it. */
@RestController
class VolumeCommands {
    private final Volumes volumes;
    private final VolumeRemoval removal;
    private final VolumePruning pruning;
    private final VolumeAnswers answers;

    VolumeCommands(Volumes volumes, VolumeRemoval removal, VolumePruning pruning, VolumeAnswers answers) {
        this.volumes = volumes;
        this.removal = removal;
        this.pruning = pruning;
        this.answers = answers;
    }

    /** POST /volumes/create. */
    @PostMapping("/volumes/create")
    @ResponseStatus(HttpStatus.CREATED)
    Map<String, @Nullable Object> create(Caller caller, @RequestBody(required = false) byte @Nullable [] body) {
        return answers.answer(caller, volumes.create(caller, NewVolume.parse(body == null ? new byte[0] : body)));
    }

    /** DELETE /volumes/{name}. */
    @DeleteMapping("/volumes/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(Caller caller, @PathVariable String name, @RequestParam(defaultValue = "false") boolean force) {
        removal.remove(caller, name, force);
    }

    /** POST /volumes/prune. */
    @PostMapping("/volumes/prune")
    Map<String, Object> prune(
            Caller caller,
            @RequestHeader(name = Caller.API_VERSION_HEADER, required = false) @Nullable String version,
            @RequestParam(required = false) @Nullable String filters) {
        VolumePruning.Pruned pruned = pruning.prune(caller, filters, ApiVersion.parse(version));
        return Map.of("VolumesDeleted", pruned.removed(), "SpaceReclaimed", pruned.reclaimed());
    }
}
