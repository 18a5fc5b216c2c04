package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.http.Request;
import io.longshore.acceptance.http.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
            "POST /containers/{id}/wait",
            "DELETE /containers/{id}",
            "POST /containers/prune",
            "GET /images/json",
            "GET /images/{name}/json",
            "GET /images/{name}/history",
            "POST /images/{name}/tag",
            "DELETE /images/{name}",
            "POST /images/load",
            "GET /volumes",
            "GET /volumes/{name}",
            "GET /networks",
            "GET /networks/{id}",
            "GET /info",
            "GET /version",
            "GET /_ping",
            "HEAD /_ping",
            "GET /events");

    /** The description is kept beside the project, not in it. */
    private static Path contract() {
        String given = System.getProperty("acceptance.contract", "../shared/reference/engine-api-v1.51.yaml");
        Path path = Path.of(given);
        Path here = Path.of("").toAbsolutePath();
        while (!path.isAbsolute() && here != null && !Files.exists(here.resolve(path))) {
            here = here.getParent();
        }
        return here == null ? path : here.resolve(path);
    }

    private static List<String> operations() throws IOException {
        Path contract = contract();
        assumeTrue(
                Files.exists(contract),
                () -> "the Engine API's description is not at " + contract + " (-Dacceptance.contract)");
        List<String> operations = new ArrayList<>();
        String path = "";
        for (String line : Files.readAllLines(contract)) {
            Matcher at = PATH.matcher(line);
            Matcher method = METHOD.matcher(line);
            if (at.matches()) {
                path = at.group(1);
            } else if (method.matches()) {
                operations.add(method.group(1).toUpperCase(Locale.ROOT) + " " + path);
            }
        }
        return operations;
    }

    @Test
    void everyOperationIsServedOrSaysThatItIsNot() throws IOException {
        assumeTrue(form.longshore(), "Docker Engine serves all of them");
        List<String> operations = operations();
        assertThat(operations).hasSizeGreaterThan(100);
        List<String> wrong = new ArrayList<>();
        for (String operation : operations) {
            if (!SERVED.contains(operation)) {
                String method = operation.split(" ")[0];
                String path = operation.split(" ")[1].replaceAll("\\{[^}]*}", "nosuch");
                Response answer =
                        call(new Request(method, path, List.of("Content-Type: application/json"), new byte[0]));
                boolean says = method.equals("HEAD") || !answer.message().isBlank();
                if ((answer.status() != 501 && !alsoServed(operation, answer)) || !says) {
                    wrong.add(operation + ": " + answer.status() + " " + answer.text());
                }
            }
        }
        assertThat(wrong).as("neither served nor 501 with a message").isEmpty();
    }

    /** Later work serves more than the list above; then its answer is about the name or the empty body, or it is a list. */
    private static boolean alsoServed(String operation, Response answer) {
        return switch (answer.status()) {
            case 200 -> operation.startsWith("GET");
            case 400 -> true;
            case 404 -> !answer.message().equals("page not found");
            default -> false;
        };
    }

    @Test
    void whatIsServedIsNot501() throws IOException {
        assumeTrue(form.longshore(), "Docker Engine serves all of them");
        for (String operation : operations()) {
            if (SERVED.contains(operation) && !operation.contains("/events") && !operation.contains("HEAD")) {
                String path = operation.split(" ")[1].replaceAll("\\{[^}]*}", "nosuch");
                Response answer = call(new Request(
                        operation.split(" ")[0], path, List.of("Content-Type: application/json"), new byte[0]));
                assertThat(answer.status())
                        .as("%s: %s", operation, answer.text())
                        .isNotIn(501, 500, 503)
                        .isLessThan(500);
            }
        }
    }
}
