package io.longshore.container.list;

import io.longshore.contracts.Caller;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Which container is on which node, in the words of Swarm's tasks: what {@code docker node ps} asks. */
@RestController
class TaskController {
    private final Tasks tasks;

    TaskController(Tasks tasks) {
        this.tasks = tasks;
    }

    /** GET /tasks. */
    @GetMapping("/tasks")
    List<TaskAnswer> list(Caller caller, @RequestParam(required = false) @Nullable String filters) {
        return tasks.list(caller, filters);
    }

    /** GET /tasks/{id}. */
    @GetMapping("/tasks/{id}")
    TaskAnswer inspect(Caller caller, @PathVariable String id) {
        return tasks.find(caller, id);
    }
}
