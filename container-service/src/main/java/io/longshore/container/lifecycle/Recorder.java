package io.longshore.container.lifecycle;

import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.Observation;
import io.longshore.container.state.Step;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.id.ContainerId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Commits what an observation does to its row, whoever brings it: the answer of a command, the watch on an agent, recovery. When two
 * bring the same one, the row's version lets one of them through. Thread-safe.
 */
@Component
public class Recorder {
    /** Rows just started, whose end may come at once: kept so that it need not be read again. A row takes about 10 KB. */
    private static final int RECENT = 256;

    private final ContainerStore store;
    private final List<Consumer<ContainerRow>> endListeners = new CopyOnWriteArrayList<>();
    private final Map<ContainerId, ContainerRow> recent = Collections.synchronizedMap(new Recent());

    Recorder(ContainerStore store) {
        this.store = store;
    }

    private static final class Recent extends LinkedHashMap<ContainerId, ContainerRow> {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ContainerId, ContainerRow> eldest) {
            return size() > RECENT;
        }
    }

    /** Calls the listener after each commit of an end. It must not block. */
    void onEnd(Consumer<ContainerRow> listener) {
        endListeners.add(listener);
    }

    /** It was changed in another way than through here. */
    void changed(ContainerId id) {
        recent.remove(id);
    }

    /** The row as this process last wrote it, good for {@link #record} only; null when it is not among the latest. */
    public @Nullable ContainerRow recent(ContainerId id) {
        return recent.get(id);
    }

    /**
     * Commits the observation.
     *
     * @param row as last read
     * @return the row as it is now, null when there is none any more
     */
    public @Nullable ContainerRow record(ContainerRow row, Observed seen) {
        ContainerRow current = row;
        while (true) {
            Step step = Observation.apply(current, seen);
            if (step == null) {
                return current;
            }
            if (store.replace(step)) {
                return committed(current, step);
            }
            recent.remove(row.id());
            ContainerRow fresh = store.byId(row.id()).orElse(null);
            if (fresh == null) {
                return null;
            }
            current = fresh;
        }
    }

    private ContainerRow committed(ContainerRow before, Step step) {
        ContainerRow row = step.row().at(step.row().version() + 1);
        if (row.state().alive()) {
            recent.put(row.id(), row);
        } else {
            recent.remove(row.id());
        }
        if (step.exitsSince(before) > 0 && row.state() == ContainerState.EXITED) {
            endListeners.forEach(listener -> listener.accept(row));
        }
        return row;
    }
}
