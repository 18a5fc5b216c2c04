package io.longshore.container.lifecycle;

import io.longshore.container.name.ContainerName;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.EventDraft;
import io.longshore.container.state.Step;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** {@code POST /containers/{id}/rename}. */
@Component
class Renaming {
    private final ContainerStore store;

    Renaming(ContainerStore store) {
        this.store = store;
    }

    void rename(Caller caller, String reference, String newName) {
        if (newName.isEmpty()) {
            throw new Failure.Invalid("Neither old nor new names may be empty");
        }
        String name = ContainerName.parse(newName).value();
        while (true) {
            ContainerRow row = store.find(caller.project(), reference);
            if (row.name().equals(name)) {
                throw new Failure.Invalid("Renaming a container with the same name as its current name: " + name);
            }
            ContainerRow renamed = row.named(name);
            EventDraft event = EventDraft.of(renamed, "rename", Map.of("oldName", "/" + row.name()));
            try {
                if (store.replace(new Step(renamed, List.of(event)))) {
                    return;
                }
            } catch (Failure.Conflict e) {
                throw new Failure.Conflict("Error when allocating new name: " + e.text(), e);
            }
        }
    }
}
