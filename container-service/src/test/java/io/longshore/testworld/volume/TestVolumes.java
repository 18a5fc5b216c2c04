package io.longshore.testworld.volume;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.volume.ClaimedVolume;
import io.longshore.contracts.volume.VolumeApi;
import io.longshore.contracts.volume.VolumeClaim;
import io.longshore.contracts.volume.VolumeDiscard;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import io.longshore.testworld.MemoryClaims;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RestController;

/** Volumes that exist by name only. */
@LongshoreService(Part.VOLUME)
public class TestVolumes {
    /** The service. */
    @RestController
    public static class Volumes implements VolumeApi {
        private final MemoryClaims claims = new MemoryClaims();
        private final Map<Owner, Set<String>> volumes = new ConcurrentHashMap<>();
        private volatile Map<String, NodeId> places = Map.of();
        private volatile boolean failing;
        private volatile Duration discardTakes = Duration.ZERO;

        /** What is claimed. */
        public MemoryClaims claims() {
            return claims;
        }

        /** Names of all volumes. */
        public List<String> names() {
            return volumes.values().stream().flatMap(Set::stream).toList();
        }

        /** Whether claims fail from now on. */
        public void failing(boolean now) {
            failing = now;
        }

        /** Removes all volumes. */
        public void clear() {
            volumes.clear();
        }

        /** How long a discard takes from now on. */
        public void discardTakes(Duration time) {
            discardTakes = time;
        }

        @Override
        public List<ClaimedVolume> claim(Caller caller, VolumeClaim claim) {
            if (failing) {
                throw new Failure.Unavailable("no room for volumes");
            }
            claims.take(claim.owner());
            return claim.wanted().stream()
                    .map(wanted -> {
                        boolean anonymous = wanted.name() == null;
                        String name = anonymous ? ContainerId.random().value() : String.valueOf(wanted.name());
                        volumes.computeIfAbsent(claim.owner(), key -> ConcurrentHashMap.newKeySet())
                                .add(name);
                        return new ClaimedVolume(name, wanted.destination(), "local", anonymous);
                    })
                    .toList();
        }

        /** Where volumes are said to be from now on. */
        public void placed(Map<String, NodeId> now) {
            places = Map.copyOf(now);
        }

        @Override
        public Map<String, NodeId> places(Caller caller, Set<String> names) {
            Map<String, NodeId> found = new HashMap<>(places);
            found.keySet().retainAll(names);
            return found;
        }

        @Override
        public void discard(Caller caller, VolumeDiscard discard) {
            LockSupport.parkNanos(discardTakes.toNanos());
            claims.release(List.of(discard.owner()));
            volumes.remove(discard.owner());
        }

        @Override
        public void release(Caller caller, List<Owner> owners) {
            claims.release(owners);
        }

        @Override
        public ClaimPage list(Caller caller, @Nullable String after, int limit) {
            return claims.page(after, limit);
        }
    }
}
