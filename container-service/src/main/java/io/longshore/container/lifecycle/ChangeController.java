package io.longshore.container.lifecycle;

import io.longshore.container.request.UpdateBody;
import io.longshore.contracts.Caller;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The verbs that change a container while it runs. */
@RestController
class ChangeController {
    private final Pausing pausing;
    private final Updating updating;

    ChangeController(Pausing pausing, Updating updating) {
        this.pausing = pausing;
        this.updating = updating;
    }

    /** POST /containers/{id}/pause. */
    @PostMapping("/containers/{id}/pause")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void pause(Caller caller, @PathVariable String id) {
        pausing.pause(caller, id);
    }

    /** POST /containers/{id}/unpause. */
    @PostMapping("/containers/{id}/unpause")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void unpause(Caller caller, @PathVariable String id) {
        pausing.unpause(caller, id);
    }

    /** POST /containers/{id}/update. */
    @PostMapping(path = "/containers/{id}/update", consumes = MediaType.APPLICATION_JSON_VALUE)
    Map<String, Object> update(
            Caller caller, @PathVariable String id, @RequestBody(required = false) byte @Nullable [] body) {
        return Map.of("Warnings", updating.update(caller, id, UpdateBody.parse(body == null ? new byte[0] : body)));
    }
}
