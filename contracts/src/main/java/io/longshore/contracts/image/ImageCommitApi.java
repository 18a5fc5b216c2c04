package io.longshore.contracts.image;

import io.longshore.contracts.Caller;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.service.annotation.PostExchange;

/** What container-service asks of image-service when a container becomes an image. */
public interface ImageCommitApi {
    /**
     * Writes the image down; its layers are then confirmed to the agent, or given back when it cannot be. {@code INVALID} names a malformed
     * name or instruction, {@code NOT_FOUND} a parent that is gone.
     */
    @PostExchange("/internal/images/commit")
    CommittedImage commit(Caller caller, @RequestBody ImageCommit commit);

    /** {@code INVALID} as from {@link #commit}, before any layer is made: layers and parent are not looked at. */
    @PostExchange("/internal/images/commit/check")
    void check(Caller caller, @RequestBody ImageCommit commit);
}
