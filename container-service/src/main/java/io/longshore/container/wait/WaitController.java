package io.longshore.container.wait;

import io.longshore.contracts.Caller;
import io.longshore.platform.stream.StreamResponse;
import io.longshore.platform.web.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** POST /containers/{id}/wait. The answer's head goes out at once, its body at the end; a client that goes away ends the wait. */
@RestController
class WaitController {
    private final Waiting waiting;

    WaitController(Waiting waiting) {
        this.waiting = waiting;
    }

    @PostMapping("/containers/{id}/wait")
    void await(
            Caller caller,
            @PathVariable String id,
            @RequestParam(defaultValue = "") String condition,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Waiting.Begun begun = waiting.begin(caller.project(), id, WaitCondition.parse(condition));
        boolean handedOver = false;
        try {
            StreamResponse.of(request, response).contentType("application/json").output(output -> {
                try (begun) {
                    output.write(Json.bytes(Map.of("StatusCode", begun.exitCode())));
                }
            });
            handedOver = true;
        } finally {
            if (!handedOver) {
                begun.close();
            }
        }
    }
}
