package io.longshore.volume;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.volume.ClaimedVolume;
import io.longshore.contracts.volume.VolumeApi;
import io.longshore.contracts.volume.VolumeClaim;
import io.longshore.contracts.volume.VolumeDiscard;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RestController;

/** Claims, for container-service. */
@RestController
class VolumeController implements VolumeApi {
    private final Volumes volumes;
    private final VolumeRemoval removal;

    VolumeController(Volumes volumes, VolumeRemoval removal) {
        this.volumes = volumes;
        this.removal = removal;
    }

    @Override
    public List<ClaimedVolume> claim(Caller caller, VolumeClaim claim) {
        return volumes.claim(caller, claim);
    }

    @Override
    public Map<String, NodeId> places(Caller caller, Set<String> names) {
        return volumes.places(caller.project(), names);
    }

    @Override
    public void discard(Caller caller, VolumeDiscard discard) {
        removal.discard(caller, discard.owner());
    }

    @Override
    public void release(Caller caller, List<Owner> owners) {
        volumes.release(owners);
    }

    @Override
    public ClaimPage list(Caller caller, @Nullable String after, int limit) {
        return volumes.claims(after, limit);
    }
}
