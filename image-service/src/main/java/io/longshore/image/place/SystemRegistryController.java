package io.longshore.image.place;

import io.longshore.contracts.Caller;
import io.longshore.platform.stream.StreamResponse;
import io.longshore.platform.web.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The registry by which images come to other nodes, and what of them it has (Longshore's own API). */
@RestController
@RequestMapping("/api/v1/system-registry")
class SystemRegistryController {
    private final RegistryMigration migration;

    SystemRegistryController(RegistryMigration migration) {
        this.migration = migration;
    }

    /** GET /api/v1/system-registry: where it is, how many images there are, and how many of them it was given. */
    @GetMapping
    RegistryMigration.State state() {
        return migration.state();
    }

    /**
     * POST /api/v1/system-registry/images: brings all images there, and checks those that are said to be there. Answers with a JSON object
     * a line for each image, when it is done, and a last one with {@code status} or, when one is missing, {@code error}. 409 without a
     * system registry. A client that goes away ends it.
     */
    @PostMapping("/images")
    void migrate(Caller caller, HttpServletRequest request, HttpServletResponse response) throws IOException {
        migration.requireRegistry();
        StreamResponse.of(request, response)
                .contentType("application/x-ndjson")
                .output(output -> migration.run(
                        caller,
                        line -> output.write(
                                (Json.mapper().writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8))));
    }
}
