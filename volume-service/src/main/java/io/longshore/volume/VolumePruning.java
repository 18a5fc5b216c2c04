package io.longshore.volume;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.data.EventOutbox;
import io.longshore.platform.data.NewEvent;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.engine.LabelFilter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** {@code POST /volumes/prune}: removes what no container uses; since API 1.42 only the anonymous, unless all are asked for. */
@Component
class VolumePruning {
    private static final Logger LOG = LoggerFactory.getLogger(VolumePruning.class);
    /** A large volume is removed sooner than it is measured. */
    private static final Duration TO_MEASURE = Duration.ofSeconds(10);
    /** The first version that spares named volumes, and has the filter {@code all}. */
    private static final int SPARES_NAMED = 42;

    private final Volumes volumes;
    private final VolumeRemoval removal;
    private final NodeVolumes nodes;
    private final EventOutbox outbox;
    private final TransactionTemplate transactions;

    VolumePruning(
            Volumes volumes,
            VolumeRemoval removal,
            NodeVolumes nodes,
            EventOutbox outbox,
            TransactionTemplate transactions) {
        this.volumes = volumes;
        this.removal = removal;
        this.nodes = nodes;
        this.outbox = outbox;
        this.transactions = transactions;
    }

    /** Names of the removed, and how many bytes they had. */
    record Pruned(List<String> removed, long reclaimed) {}

    /** Passes over one that cannot be removed. When the caller's time is over, the rest is left and what was done is told. */
    Pruned prune(Caller caller, @Nullable String filterText, ApiVersion version) {
        boolean spares = version.atLeast(SPARES_NAMED);
        Filters filters =
                Filters.parse(filterText, spares ? Set.of("all", "label", "label!") : Set.of("label", "label!"));
        boolean anonymousOnly = spares && !Boolean.TRUE.equals(filters.truth("all"));
        List<Volume> wanted = volumes.list(caller.project(), true).stream()
                .filter(Volume::isOwnSpace)
                .filter(volume -> !anonymousOnly || volume.anonymous())
                .filter(volume -> LabelFilter.hasAll(volume.shownLabels(), filters.of("label")))
                .filter(volume -> LabelFilter.hasNone(volume.shownLabels(), filters.of("label!")))
                .toList();
        Map<String, Long> sizes = nodes.sizes(caller.within(TO_MEASURE), wanted);
        List<String> removed = new ArrayList<>();
        long reclaimed = 0;
        for (Volume volume : wanted) {
            if (!Instant.now().isBefore(caller.deadline())) {
                LOG.info("prune stops after {} volumes: the time allowed for it is over", removed.size());
                break;
            }
            if (remove(caller, volume)) {
                removed.add(volume.name());
                reclaimed += sizes.getOrDefault(volume.name(), 0L);
            }
        }
        tell(caller, reclaimed);
        return new Pruned(removed, reclaimed);
    }

    private boolean remove(Caller caller, Volume volume) {
        try {
            removal.remove(caller, volume.name(), false);
            return true;
        } catch (Failure e) {
            LOG.info("prune passes over volume {}: {}", volume.name(), e.text());
            return false;
        }
    }

    private void tell(Caller caller, long reclaimed) {
        Map<String, String> attributes = Map.of("reclaimed", String.valueOf(reclaimed));
        transactions.executeWithoutResult(
                status -> outbox.append(new NewEvent(caller.project(), "volume", "prune", "", attributes)));
    }
}
