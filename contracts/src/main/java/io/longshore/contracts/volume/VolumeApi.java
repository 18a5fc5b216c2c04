package io.longshore.contracts.volume;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimsApi;
import io.longshore.contracts.id.NodeId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.service.annotation.PostExchange;

/** What container-service asks of volume-service. */
public interface VolumeApi extends ClaimsApi {
    /** Makes and claims volumes for the owner in one commit, in the order asked for. Idempotent by owner and destination. */
    @PostExchange("/internal/volumes/claim")
    List<ClaimedVolume> claim(Caller caller, @RequestBody VolumeClaim claim);

    /** On which nodes volumes are; one that is not there, or has no node yet, is left out. At most 1,000 names. */
    @PostExchange("/internal/volumes/places")
    Map<String, NodeId> places(Caller caller, @RequestBody Set<String> names);

    /** Releases the owner's claims and removes, data included, those of its volumes that are anonymous ({@code docker rm -v}, {@code --rm}). */
    @PostExchange("/internal/volumes/discard")
    void discard(Caller caller, @RequestBody VolumeDiscard discard);
}
