package io.longshore.container.figures;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ProcessTable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** GET /containers/{id}/top (Engine API, ContainerTop). */
@RestController
class TopController {
    private final Top top;

    TopController(Top top) {
        this.top = top;
    }

    @GetMapping("/containers/{id}/top")
    Map<String, Object> top(
            Caller caller,
            @PathVariable String id,
            @RequestParam(name = "ps_args", required = false) @Nullable String arguments) {
        ProcessTable table = top.of(caller, id, arguments == null ? "" : arguments);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("Processes", table.processes());
        answer.put("Titles", table.titles());
        return answer;
    }
}
