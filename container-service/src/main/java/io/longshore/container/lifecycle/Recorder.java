package io.longshore.container.lifecycle;

import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.Observation;
import io.longshore.container.state.Step;
import io.longshore.contracts.agent.Observed;
import java.util.List;
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
    private final ContainerStore store;
    private final List<Consumer<ContainerRow>> endListeners = new CopyOnWriteArrayList<>();

    Recorder(ContainerStore store) {
        this.store = store;
    }

    /** Calls the listener after each commit of an end. It must not block. */
    void onEnd(Consumer<ContainerRow> listener) {
        endListeners.add(listener);
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
            ContainerRow fresh = store.byId(row.id()).orElse(null);
            if (fresh == null) {
                return null;
            }
            current = fresh;
        }
    }

    private ContainerRow committed(ContainerRow before, Step step) {
        ContainerRow row = step.row().at(step.row().version() + 1);
        if (step.exitsSince(before) > 0 && row.state() == ContainerState.EXITED) {
            endListeners.forEach(listener -> listener.accept(row));
        }
        return row;
    }
}
