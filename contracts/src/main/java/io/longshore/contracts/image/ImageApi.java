package io.longshore.contracts.image;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimsApi;
import io.longshore.contracts.id.Digest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;

/** What container-service and the gateway ask of image-service. */
public interface ImageApi extends ClaimsApi {
    /**
     * Resolves a name (reference, full or short id) and claims the image for the owner in one commit. Idempotent by owner: a second
     * claim for the same image answers the same. {@code NOT_FOUND} "No such image: ..." when there is none.
     */
    @PostExchange("/internal/images/claim")
    ClaimedImage claim(Caller caller, @RequestBody ImageClaim claim);

    /**
     * Makes sure that a node holds the layers of the image that an owner has claimed: returns at once when it does, else when they were
     * brought there from the system registry, within the caller's deadline. Idempotent; calls for the same image and node at once share the
     * work. {@code NOT_FOUND} when the owner has no claim. {@code UNAVAILABLE} says why it is not possible: no system registry is
     * configured, it does not have the image or does not answer, the node is down.
     */
    @PostExchange("/internal/images/place")
    void place(Caller caller, @RequestBody ImagePlace place);

    /** The named image and all images made from it, for the filter {@code ancestor}; empty when there is no such image. */
    @GetExchange("/internal/images/descendants")
    List<Digest> descendants(Caller caller, @RequestParam String image);

    /** Which images the names (reference, full or short id) lead to now; a name that leads to none is left out. */
    @PostExchange("/internal/images/resolve")
    Map<String, Digest> resolve(Caller caller, @RequestBody Set<String> names);

    /** How many images the project has, for {@code GET /info}. */
    @GetExchange("/internal/images/count")
    int count(Caller caller);
}
