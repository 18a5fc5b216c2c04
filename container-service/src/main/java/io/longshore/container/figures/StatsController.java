package io.longshore.container.figures;

import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.stream.StreamResponse;
import io.longshore.platform.web.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** GET /containers/{id}/stats. */
@RestController
class StatsController {
    /** The minor version that brought {@code one-shot}. */
    private static final int WITH_ONE_SHOT = 41;

    /** Nothing is asked for then. */
    private static final Set<ContainerState> IDLE = EnumSet.of(
            ContainerState.CREATED, ContainerState.EXITED, ContainerState.RESTARTING, ContainerState.REMOVING);

    private final Stats stats;

    StatsController(Stats stats) {
        this.stats = stats;
    }

    @GetMapping("/containers/{id}/stats")
    void stats(
            Caller caller,
            @PathVariable String id,
            @RequestParam(defaultValue = "true") Boolean stream,
            @RequestParam(name = "one-shot", defaultValue = "false") Boolean oneShot,
            @RequestHeader(name = Caller.API_VERSION_HEADER, required = false) @Nullable String version,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        boolean single = oneShot && ApiVersion.parse(version).atLeast(WITH_ONE_SHOT);
        ContainerRow row = stats.find(caller, id);
        if (stream && single) {
            throw new Failure.Invalid("cannot have stream=true and one-shot=true");
        }
        StreamResponse answer = StreamResponse.of(request, response).contentType("application/json");
        if (stream) {
            answer.output(output -> stats.follow(row, output));
        } else {
            Map<String, @Nullable Object> one = IDLE.contains(row.state())
                    ? StatsAnswer.of(row.id().value(), row.name(), null, null)
                    : stats.once(caller, row, single);
            answer.output(output -> output.write(Json.bytes(one)));
        }
    }
}
