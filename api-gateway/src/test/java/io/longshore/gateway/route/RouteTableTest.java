package io.longshore.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.run.Part;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RouteTableTest {
    private final RouteTable table = new RouteTable();

    @Test
    void namesOfImagesMayHaveSlashesAndIdsOfContainersNot() {
        assertThat(table.find("GET", "/images/a/b/c:1/json"))
                .hasValueSatisfying(route -> assertThat(route)
                        .isInstanceOfSatisfying(
                                Route.Service.class,
                                service -> assertThat(service.part()).isEqualTo(Part.IMAGE)));
        assertThat(table.find("GET", "/containers/a/b/json")).isEmpty();
        assertThat(table.find("DELETE", "/images/a/b")).isPresent();
    }

    @Test
    void longAnswersAndRawOnesHaveTheirWays() {
        assertThat(way("POST", "/containers/x/wait")).isEqualTo(Route.Way.LATE);
        assertThat(way("GET", "/containers/x/logs")).isEqualTo(Route.Way.STREAM);
        assertThat(way("POST", "/containers/x/attach")).isEqualTo(Route.Way.UPGRADE);
        assertThat(way("POST", "/images/load")).isEqualTo(Route.Way.UPLOAD);
        assertThat(way("POST", "/containers/create")).isEqualTo(Route.Way.PLAIN);
    }

    @Test
    void workThatGrowsWithTheDataHasTime() {
        for (String operation : new String[] {
            "DELETE /containers/x", "DELETE /images/a/b", "POST /containers/x/start", "POST /containers/prune"
        }) {
            Route.Service route = (Route.Service) find(operation);
            assertThat(route.limit()).as(operation).isGreaterThan(Duration.ofHours(1));
        }
    }

    /** The operations of the contract, Engine API 1.51, one a line. */
    private static List<String> contract() throws IOException {
        try (InputStream in = RouteTableTest.class.getResourceAsStream("/engine-api-1.51-operations.txt")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
    }

    @Test
    void tableIsTheContractWhatItForgetsAndOurOwn() throws IOException {
        List<String> all = new ArrayList<>(contract());
        assertThat(all).hasSize(107).doesNotHaveDuplicates();
        all.addAll(List.of(
                "POST /build/cancel",
                "POST /grpc",
                "GET /containers/{id}/checkpoints",
                "POST /containers/{id}/checkpoints",
                "DELETE /containers/{id}/checkpoints/{checkpoint}",
                "DELETE /containers/{owner}/{alias}",
                "GET /api/v1/registries",
                "PUT /api/v1/registries/{registry}",
                "DELETE /api/v1/registries/{registry}",
                "GET /api/v1/system-registry",
                "POST /api/v1/system-registry/images",
                "GET /api/v1/join-tokens",
                "POST /api/v1/join-tokens",
                "DELETE /api/v1/join-tokens/{id}"));
        assertThat(table.operations()).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void whatIsNotServedSaysSo() throws IOException {
        Set<String> served = Set.of(
                "GET /_ping",
                "HEAD /_ping",
                "GET /version",
                "GET /info",
                "GET /events",
                "GET /system/df",
                "GET /containers/json",
                "POST /containers/create",
                "POST /containers/prune",
                "GET /containers/{id}/json",
                "POST /containers/{id}/start",
                "POST /containers/{id}/stop",
                "POST /containers/{id}/restart",
                "POST /containers/{id}/kill",
                "POST /containers/{id}/rename",
                "POST /containers/{id}/wait",
                "POST /containers/{id}/attach",
                "GET /containers/{id}/attach/ws",
                "GET /containers/{id}/logs",
                "GET /containers/{id}/stats",
                "GET /containers/{id}/top",
                "POST /containers/{id}/exec",
                "POST /exec/{id}/start",
                "POST /exec/{id}/resize",
                "GET /exec/{id}/json",
                "POST /containers/{id}/pause",
                "POST /containers/{id}/unpause",
                "POST /containers/{id}/update",
                "POST /containers/{id}/resize",
                "DELETE /containers/{id}",
                "POST /images/load",
                "POST /images/create",
                "GET /images/json",
                "GET /images/{name}/json",
                "GET /images/{name}/history",
                "POST /images/{name}/tag",
                "GET /containers/{id}/changes",
                "GET /containers/{id}/export",
                "HEAD /containers/{id}/archive",
                "GET /containers/{id}/archive",
                "PUT /containers/{id}/archive",
                "POST /commit",
                "POST /auth",
                "GET /distribution/{name}/json",
                "POST /images/{name}/push",
                "POST /images/prune",
                "GET /images/get",
                "GET /images/{name}/get",
                "DELETE /images/{name}",
                "GET /volumes",
                "GET /volumes/{name}",
                "POST /volumes/create",
                "POST /volumes/prune",
                "DELETE /volumes/{name}",
                "GET /networks",
                "GET /networks/{id}",
                "DELETE /networks/{id}",
                "POST /networks/create",
                "POST /networks/{id}/connect",
                "POST /networks/{id}/disconnect",
                "POST /networks/prune",
                "GET /plugins/{name}/json",
                "GET /nodes",
                "GET /nodes/{id}",
                "DELETE /nodes/{id}",
                "POST /nodes/{id}/update",
                "GET /tasks",
                "GET /tasks/{id}");
        for (String operation : contract()) {
            Route route = find(operation.replaceAll("\\{\\w+}", "x"));
            assertThat(route instanceof Route.Absent)
                    .as(operation + " is not served")
                    .isEqualTo(!served.contains(operation));
            if (route instanceof Route.Absent absent) {
                assertThat(absent.message()).as(operation).isNotBlank();
            }
        }
    }

    private Route find(String operation) {
        String[] words = operation.split(" ");
        return table.find(words[0], words[1]).orElseThrow();
    }

    private Route.Way way(String method, String path) {
        return ((Route.Service) table.find(method, path).orElseThrow()).way();
    }

    @Test
    void everyOperationThatIsAbsentSaysWhatWorks() {
        Route.Absent build = (Route.Absent) table.find("POST", "/build").orElseThrow();
        assertThat(build.message()).contains("docker load");
        for (String refused : new String[] {
            "GET /images/search docker search", "GET /services docker service", "PUT /volumes/a docker volume"
        }) {
            String[] words = refused.split(" ", 3);
            assertThat(table.find(words[0], words[1]))
                    .hasValueSatisfying(route -> assertThat(route)
                            .isInstanceOfSatisfying(
                                    Route.Absent.class,
                                    absent -> assertThat(absent.message()).contains(words[2])));
        }
        assertThat(table.find("GET", "/plugins/a/b/json"))
                .hasValueSatisfying(route -> assertThat(route).isInstanceOf(Route.Missing.class));
        assertThat(table.find("BREW", "/containers/json")).isEmpty();
    }

    @Test
    void versionsAreComparedAsNumbers() {
        assertThat(ApiVersion.parseServed("1.24")).isEqualTo(ApiVersion.OLDEST);
        assertThat(ApiVersion.parseServed("1.51")).isEqualTo(ApiVersion.LATEST);
        for (String bad : new String[] {"1.9", "1.100", "2", "0.1", "1..2", "1.2.3", "99999999999.1"}) {
            assertThatThrownBy(() -> ApiVersion.parseServed(bad)).as(bad).isInstanceOf(Failure.Invalid.class);
        }
    }
}
