package io.longshore.container.reconcile;

import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.ClaimsApi;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.image.ImageApi;
import io.longshore.contracts.network.NetworkApi;
import io.longshore.contracts.volume.VolumeApi;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Gives up claims whose container is gone, of a create or a removal that was cut short. */
@Component
class ClaimSweep {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimSweep.class);
    private static final int PAGE = 500;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ContainerStore store;
    private final Map<String, ClaimsApi> holders = new LinkedHashMap<>();
    private final Duration leaveFor;

    ClaimSweep(
            ContainerStore store,
            ImageApi images,
            VolumeApi volumes,
            NetworkApi networks,
            ReconcileProperties properties) {
        this.store = store;
        this.leaveFor = properties.leaveForOrDefault();
        holders.put("image", images);
        holders.put("volume", volumes);
        holders.put("network", networks);
    }

    /** One pass over all claims. A service that is away is passed over. */
    void sweep() {
        holders.forEach((name, holder) -> {
            try {
                sweep(name, holder);
            } catch (Failure e) {
                LOG.info("claims of {} are swept later: {}", name, e.text());
            }
        });
    }

    private void sweep(String name, ClaimsApi holder) {
        String after = null;
        while (true) {
            Instant young = Instant.now().minus(leaveFor);
            List<ClaimPage.Held> page =
                    holder.list(Agents.own(LIMIT), after, PAGE).claims();
            if (page.isEmpty()) {
                return;
            }
            List<Owner> old = page.stream()
                    .filter(claim -> claim.since().isBefore(young))
                    .map(ClaimPage.Held::owner)
                    .distinct()
                    .toList();
            Set<String> existing = store.existing(
                    old.stream().map(owner -> owner.container().value()).toList());
            List<Owner> gone = old.stream()
                    .filter(owner -> !existing.contains(owner.container().value()))
                    .toList();
            if (!gone.isEmpty()) {
                LOG.info("{} claims of containers that are gone are given up: {}", name, gone.size());
                holder.release(Agents.own(LIMIT), gone);
            }
            after = page.getLast().owner().container().value();
        }
    }
}
