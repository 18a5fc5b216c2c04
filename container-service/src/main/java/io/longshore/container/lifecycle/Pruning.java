package io.longshore.container.lifecycle;

import io.longshore.container.inspect.Sizes;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.EventDraft;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.engine.LabelFilter;
import io.longshore.platform.engine.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** {@code POST /containers/prune}: removes what does not run. */
@Component
class Pruning {
    private static final Logger LOG = LoggerFactory.getLogger(Pruning.class);
    /** A large container is removed sooner than it is measured. */
    private static final Duration TO_MEASURE = Duration.ofSeconds(5);

    private static final Set<String> KEYS = Set.of("until", "label", "label!");

    private final ContainerStore store;
    private final Removal removal;
    private final Sizes sizes;

    Pruning(ContainerStore store, Removal removal, Sizes sizes) {
        this.store = store;
        this.removal = removal;
        this.sizes = sizes;
    }

    /** Ids of the removed, and how many bytes they had written. */
    record Pruned(List<String> removed, long reclaimed) {}

    /** Passes over one that cannot be removed. When the caller's time is over, the rest is left and what was done is told. */
    Pruned prune(Caller caller, @Nullable String filterText) {
        Filters filters = Filters.parse(filterText, KEYS);
        List<String> until = filters.of("until");
        if (until.size() > 1) {
            throw new Failure.Invalid("invalid filter 'until': more than one timestamp: " + until);
        }
        Instant before = until.isEmpty() ? Instant.MAX : Timestamps.parse("until", until.getFirst(), Instant.now());
        List<String> removed = new ArrayList<>();
        long reclaimed = 0;
        Iterator<ContainerRow> rows = store.list(caller.project(), false).iterator();
        while (rows.hasNext()) {
            ContainerRow row = rows.next();
            boolean wanted = !row.state().alive()
                    && row.created().isBefore(before)
                    && LabelFilter.hasAll(row.labels(), filters.of("label"))
                    && LabelFilter.hasNone(row.labels(), filters.of("label!"));
            if (!wanted) {
                continue;
            }
            if (!Instant.now().isBefore(caller.deadline())) {
                LOG.info("prune stops after {} containers: the time allowed for it is over", removed.size());
                break;
            }
            long size = size(caller, row);
            if (remove(caller, row)) {
                removed.add(row.id().value());
                reclaimed += size;
            }
        }
        store.tell(caller.project(), new EventDraft("prune", Map.of("reclaimed", String.valueOf(reclaimed))));
        return new Pruned(removed, reclaimed);
    }

    /** One that cannot be measured goes all the same. */
    private long size(Caller caller, ContainerRow row) {
        try {
            return row.state() == ContainerState.REMOVING
                    ? 0
                    : sizes.of(caller.within(TO_MEASURE), row).ownBytes();
        } catch (Failure e) {
            LOG.info("prune cannot measure container {}: {}", row.id(), e.text());
            return 0;
        }
    }

    private boolean remove(Caller caller, ContainerRow row) {
        try {
            removal.remove(caller, row.id().value(), false, false);
            return true;
        } catch (Failure e) {
            LOG.info("prune passes over container {}: {}", row.id(), e.text());
            return false;
        }
    }
}
