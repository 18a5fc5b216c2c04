package io.longshore.acceptance.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.longshore.acceptance.clients.testcontainers.ContainerCases;
import io.longshore.acceptance.clients.testcontainers.LeftToRyukCases;
import io.longshore.acceptance.clients.testcontainers.NetworkCases;
import io.longshore.acceptance.clients.testcontainers.PostgresCases;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.process.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;

/**
 * Testcontainers, which has one engine for the life of a JVM: its cases run in a JVM for each form, in the network in which published
 * ports answer, and each of them is one of these.
 */
@Order(6)
class TestcontainersRootIT extends ClientCases {
    /** Testcontainers removes what it has made when its JVM ends. */
    @TestFactory
    Stream<DynamicTest> withoutRyuk() throws IOException, InterruptedException {
        importPostgres();
        return cases(
                Map.of("TESTCONTAINERS_RYUK_DISABLED", "true", "TESTCONTAINERS_REUSE_ENABLE", "true"),
                ContainerCases.class,
                NetworkCases.class,
                PostgresCases.class);
    }

    /** Nobody removes anything but the reaper, through the engine's socket in its container. */
    @TestFactory
    Stream<DynamicTest> withAStandInForRyuk() throws IOException, InterruptedException {
        engine.call(Request.postTar("/images/load?quiet=1", TestcontainersJvm.reaper()))
                .expect(200);
        Stream<DynamicTest> cases =
                cases(Map.of("TESTCONTAINERS_RYUK_CONTAINER_IMAGE", "reaper:1"), LeftToRyukCases.class);
        return Stream.concat(cases, Stream.of(dynamicTest("nothing is left", this::nothingIsLeft)));
    }

    private void nothingIsLeft() {
        assertThat(Await.answer(Duration.ofSeconds(30), this::left, "[] []"::equals))
                .as("containers and networks when the reaper was told")
                .isEqualTo("[] []");
    }

    private String left() {
        return engine.call(Request.get("/containers/json?all=1")).text().strip() + " "
                + engine.call(Request.get("/networks?filters=%7B%22type%22:%5B%22custom%22%5D%7D"))
                        .text()
                        .strip();
    }

    private void importPostgres() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("docker", "-H", "unix://" + engine.socket(), "import"));
        for (String change : List.of(
                "ENV PATH=/usr/bin:/bin",
                "USER postgres",
                "EXPOSE 5432",
                "ENTRYPOINT [\"docker-entrypoint.sh\"]",
                "CMD [\"postgres\"]")) {
            command.addAll(List.of("--change", change));
        }
        command.addAll(List.of(brought("postgres.tar").toString(), "postgres:15"));
        new Client(home, command, Map.of("PATH", "/usr/local/bin:/usr/bin:/bin"))
                .run(Duration.ofMinutes(2))
                .ok();
    }

    private Stream<DynamicTest> cases(Map<String, String> environment, Class<?>... classes)
            throws IOException, InterruptedException {
        Map<String, String> all = new HashMap<>(environment);
        // Docker Engine starts no privileged container where it has not all capabilities itself, as in a container.
        all.put("TESTCONTAINERS_RYUK_CONTAINER_PRIVILEGED", String.valueOf(form.longshore()));
        return TestcontainersJvm.run(
                home,
                engine,
                all,
                Arrays.stream(classes)
                        .map(each -> "--select-class=" + each.getName())
                        .toList());
    }
}
