package io.longshore.container.list;

import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.engine.LabelFilter;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Which container is on which node, in the words of Swarm's tasks: what {@code docker node ps} asks. */
@RestController
class TaskController {
    private static final Set<String> FILTERS = Set.of("desired-state", "id", "label", "name", "node", "service");
    private static final Set<String> DESIRED = Set.of("running", "shutdown", "accepted");

    private final ContainerStore store;

    TaskController(ContainerStore store) {
        this.store = store;
    }

    /** GET /tasks. */
    @GetMapping("/tasks")
    List<TaskAnswer> list(Caller caller, @RequestParam(required = false) @Nullable String filters) {
        Predicate<TaskAnswer> wanted = wanted(Filters.parse(filters, FILTERS));
        return store.list(caller.project(), false).stream()
                .filter(row -> row.spec() != null)
                .map(TaskAnswer::of)
                .filter(wanted)
                .toList();
    }

    private static Predicate<TaskAnswer> wanted(Filters filters) {
        for (String state : filters.of("desired-state")) {
            if (!DESIRED.contains(state)) {
                throw new Failure.Invalid("invalid filter 'desired-state=" + state + "': it is one of "
                        + DESIRED.stream().sorted().toList());
            }
        }
        return task -> LabelFilter.hasAll(task.labels(), filters.of("label"))
                && any(filters.of("desired-state"), task.desiredState()::equals)
                && any(filters.of("id"), task.id()::startsWith)
                && any(filters.of("name"), task.name()::startsWith)
                && any(filters.of("service"), task.serviceId()::equals)
                && any(filters.of("node"), task.nodeId()::equals);
    }

    private static boolean any(List<String> values, Predicate<String> test) {
        return values.isEmpty() || values.stream().anyMatch(test);
    }

    /** GET /tasks/{id}. */
    @GetMapping("/tasks/{id}")
    TaskAnswer inspect(Caller caller, @PathVariable String id) {
        ContainerRow row;
        try {
            row = store.find(caller.project(), id);
        } catch (Failure.NotFound e) {
            throw new Failure.NotFound("No such task: " + id, e);
        }
        return TaskAnswer.of(row);
    }
}
