package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every operation of the Engine API's description is served, or answers 501 and says so. */
class ContractRootIT extends ApiCases {
    private static final Pattern PATH = Pattern.compile("^  (/\\S+):$");
    private static final Pattern METHOD = Pattern.compile("^    (get|post|put|delete|head):$");
    private static final Set<String> SERVED = Set.of(
            "GET /containers/json",
            "POST /containers/create",
            "GET /containers/{id}/json",
            "GET /containers/{id}/logs",
            "POST /containers/{id}/start",
            "POST /containers/{id}/stop",
            "POST /containers/{id}/restart",
            "POST /containers/{id}/kill",
            "POST /containers/{id}/rename",
            "POST /containers/{id}/attach",
            "GET /containers/{id}/attach/ws",
            "POST /containers/{id}/wait",
            "POST /containers/{id}/resize",
            "POST /containers/{id}/update",
            "POST /containers/{id}/pause",
            "POST /containers/{id}/unpause",
            "GET /containers/{id}/top",
            "GET /containers/{id}/stats",
            "GET /containers/{id}/changes",
            "GET /containers/{id}/export",
            "HEAD /containers/{id}/archive",
            "GET /containers/{id}/archive",
            "PUT /containers/{id}/archive",
            "POST /containers/{id}/exec",
            "POST /exec/{id}/start",
            "POST /exec/{id}/resize",
            "GET /exec/{id}/json",
            "POST /commit",
            "GET /system/df",
            "DELETE /containers/{id}",
            "POST /containers/prune",
            "GET /images/json",
            "GET /images/{name}/json",
            "GET /images/{name}/history",
            "POST /images/{name}/tag",
            "POST /auth",
            "GET /distribution/{name}/json",
            "POST /images/{name}/push",
            "POST /images/prune",
            "GET /images/get",
            "GET /images/{name}/get",
            "DELETE /images/{name}",
            "POST /images/create",
            "POST /images/load",
            "GET /volumes",
            "GET /volumes/{name}",
            "POST /volumes/create",
            "POST /volumes/prune",
            "DELETE /volumes/{name}",
            "GET /nodes",
            "GET /nodes/{id}",
            "DELETE /nodes/{id}",
            "POST /nodes/{id}/update",
            "GET /tasks",
            "GET /tasks/{id}",
            "GET /networks",
            "GET /networks/{id}",
            "DELETE /networks/{id}",
            "POST /networks/create",
            "POST /networks/{id}/connect",
            "POST /networks/{id}/disconnect",
            "POST /networks/prune",
            "GET /info",
            "GET /version",
            "GET /_ping",
            "HEAD /_ping",
            "GET /events");
    /** Those that are not served and answer as if there were none of what they are about: the docker command asks after plugins. */
    private static final Map<String, Integer> ANSWERS = Map.of("GET /plugins/{name}/json", 404);

    /** Of the project's own making, so that it is there wherever the tests run. */
    private static List<String> operations() throws IOException {
        try (InputStream list = ContractRootIT.class.getResourceAsStream("operations")) {
            return new String(Objects.requireNonNull(list).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }

    @Test
    void theListIsThatOfTheDescription() throws IOException {
        Optional<Path> description = Description.file();
        assumeTrue(description.isPresent(), "the Engine API's description is not here (-Dacceptance.contract)");
        List<String> operations = new ArrayList<>();
        String path = "";
        for (String line : Files.readAllLines(description.get())) {
            Matcher at = PATH.matcher(line);
            Matcher method = METHOD.matcher(line);
            if (at.matches()) {
                path = at.group(1);
            } else if (method.matches()) {
                operations.add(method.group(1).toUpperCase(Locale.ROOT) + " " + path);
            }
        }
        assertThat(operations()).isEqualTo(operations);
    }

    private Response ask(String operation) {
        String path = operation.split(" ")[1].replaceAll("\\{[^}]*}", "nosuch");
        if (path.equals("/images/create")) {
            path += "?fromSrc=-&repo=Bad"; // An import; a pull needs a registry.
        }
        return call(new Request(operation.split(" ")[0], path, List.of("Content-Type: application/json"), new byte[0]));
    }

    @Test
    void everyOperationIsServedOrSaysThatItIsNot() throws IOException {
        assumeTrue(form.longshore(), "Docker Engine serves all of them");
        List<String> operations = operations();
        assertThat(operations).hasSizeGreaterThan(100).containsAll(SERVED);
        List<String> wrong = new ArrayList<>();
        for (String operation : operations) {
            if (!SERVED.contains(operation)) {
                Response answer = ask(operation);
                boolean says = operation.startsWith("HEAD") || !answer.message().isBlank();
                if (answer.status() != ANSWERS.getOrDefault(operation, 501) || !says) {
                    wrong.add(operation + ": " + answer.status() + " " + answer.text());
                }
            }
        }
        assertThat(wrong).as("neither served nor 501 with a message").isEmpty();
    }

    @Test
    void whatIsServedIsNot501() {
        assumeTrue(form.longshore(), "Docker Engine serves all of them");
        for (String operation : SERVED) {
            // What asks a registry needs one: that none answers is 503.
            boolean registry = operation.contains("/distribution/");
            if (!operation.contains("/events") && !operation.contains("HEAD") && !registry) {
                Response answer = ask(operation);
                assertThat(answer.status())
                        .as("%s: %s", operation, answer.text())
                        .isLessThan(500);
            }
        }
    }
}
