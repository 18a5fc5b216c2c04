package io.longshore.container.wait;

import io.longshore.contracts.Caller;
import io.longshore.platform.stream.StreamResponse;
import io.longshore.platform.web.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * POST /containers/{id}/wait. The answer's head goes out at once, its body at the end; a client that goes away ends the wait. White space
 * in front of the body, of which JSON may have any amount (RFC 8259, 2), lets whoever passes the answer on find out that the client is gone.
 */
@RestController
class WaitController {
    private static final Duration BETWEEN_SPACES = Duration.ofSeconds(15);

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
            StreamResponse.of(request, response)
                    .contentType("application/json")
                    .abandoned(begun::close)
                    .output(output -> {
                        try (begun) {
                            OptionalInt code = begun.exitCode(BETWEEN_SPACES);
                            while (code.isEmpty()) {
                                output.write(' ');
                                code = begun.exitCode(BETWEEN_SPACES);
                            }
                            output.write(Json.bytes(Map.of("StatusCode", code.getAsInt())));
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
