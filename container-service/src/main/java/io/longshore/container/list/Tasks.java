package io.longshore.container.list;

import io.longshore.container.move.Stays;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.engine.LabelFilter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The project's containers as tasks on their nodes. */
@Component
class Tasks {
    private static final Set<String> FILTERS = Set.of("desired-state", "id", "label", "name", "node", "service");
    private static final List<String> DESIRED = List.of("accepted", "running", "shutdown");

    private final ContainerStore store;
    private final Stays stays;

    Tasks(ContainerStore store, Stays stays) {
        this.store = store;
        this.stays = stays;
    }

    /** Latest first. */
    List<TaskAnswer> list(Caller caller, @Nullable String filters) {
        Predicate<TaskAnswer> wanted = wanted(Filters.parse(filters, FILTERS));
        Map<NodeId, Map<ContainerId, String>> reasons = stays.all();
        return store.list(caller.project(), false)
                .filter(row -> row.spec() != null)
                .map(row -> TaskAnswer.of(row, reason(row, reasons)))
                .filter(wanted)
                .toList();
    }

    private static Predicate<TaskAnswer> wanted(Filters filters) {
        for (String state : filters.of("desired-state")) {
            if (!DESIRED.contains(state)) {
                throw new Failure.Invalid(
                        "invalid filter 'desired-state=" + state + "': it is one of " + String.join(", ", DESIRED));
            }
        }
        return task -> LabelFilter.hasAll(task.labels(), filters.of("label"))
                && any(filters.of("desired-state"), task.desiredState()::equals)
                && any(filters.of("id"), task.id()::startsWith)
                && any(filters.of("name"), task.name()::startsWith)
                && any(filters.of("service"), task.serviceId()::equals)
                && any(filters.of("node"), task.nodeId()::equals);
    }

    private static String reason(ContainerRow row, Map<NodeId, Map<ContainerId, String>> reasons) {
        return reasons.getOrDefault(row.node(), Map.of()).getOrDefault(row.id(), "");
    }

    private static boolean any(List<String> values, Predicate<String> test) {
        return values.isEmpty() || values.stream().anyMatch(test);
    }

    /** By id, name, or the only one whose id begins so. */
    TaskAnswer find(Caller caller, String reference) {
        try {
            ContainerRow row = store.find(caller.project(), reference);
            return TaskAnswer.of(row, reason(row, stays.all()));
        } catch (Failure.NotFound e) {
            throw new Failure.NotFound("No such task: " + reference, e);
        }
    }
}
