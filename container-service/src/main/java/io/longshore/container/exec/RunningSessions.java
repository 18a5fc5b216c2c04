package io.longshore.container.exec;

import io.longshore.container.state.ContainerRow;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Which sessions run in a container, for inspect. Thread-safe. */
@Component
public class RunningSessions {
    private final ExecStore store;

    RunningSessions(ExecStore store) {
        this.store = store;
    }

    /** Their ids, oldest first; null for none, as the Engine API has it. */
    public @Nullable List<String> of(ContainerRow container) {
        return container.state().hasProcess() ? store.running(container.id()) : null;
    }
}
