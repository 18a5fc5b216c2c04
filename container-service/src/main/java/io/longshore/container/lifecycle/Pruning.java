package io.longshore.container.lifecycle;

import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.engine.LabelFilter;
import io.longshore.platform.engine.Timestamps;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** {@code POST /containers/prune}: removes what does not run. */
@Component
class Pruning {
    private static final Logger LOG = LoggerFactory.getLogger(Pruning.class);
    private static final Set<String> KEYS = Set.of("until", "label", "label!");

    private final ContainerStore store;
    private final Removal removal;

    Pruning(ContainerStore store, Removal removal) {
        this.store = store;
        this.removal = removal;
    }

    /** Ids of the removed. One that cannot be removed is passed over. */
    List<String> prune(Caller caller, @Nullable String filterText) {
        Filters filters = Filters.parse(filterText, KEYS);
        List<String> until = filters.of("until");
        if (until.size() > 1) {
            throw new Failure.Invalid("invalid filter 'until': more than one timestamp: " + until);
        }
        Instant before = until.isEmpty() ? Instant.MAX : Timestamps.parse("until", until.getFirst(), Instant.now());
        List<String> removed = new ArrayList<>();
        for (ContainerRow row : store.list(caller.project(), false)) {
            boolean wanted = row.state() != ContainerState.RUNNING
                    && row.created().isBefore(before)
                    && LabelFilter.hasAll(row.labels(), filters.of("label"))
                    && LabelFilter.hasNone(row.labels(), filters.of("label!"));
            if (wanted && remove(caller, row)) {
                removed.add(row.id().value());
            }
        }
        return removed;
    }

    private boolean remove(Caller caller, ContainerRow row) {
        try {
            removal.remove(caller, row.id().value(), false, false);
            return true;
        } catch (Failure.Conflict | Failure.NotFound e) {
            LOG.info("prune passes over container {}: {}", row.id(), e.text());
            return false;
        }
    }
}
