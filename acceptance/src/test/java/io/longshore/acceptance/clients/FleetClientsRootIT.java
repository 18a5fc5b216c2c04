package io.longshore.acceptance.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.longshore.acceptance.clients.testcontainers.ContainerCases;
import io.longshore.acceptance.clients.testcontainers.LeftToRyukCases;
import io.longshore.acceptance.clients.testcontainers.NetworkCases;
import io.longshore.acceptance.running.TwoNodes;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.process.Await;
import io.longshore.testbed.process.Program;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Clients that know one engine, on a fleet of two nodes: what they make is spread over both, and finds each other. */
@Order(6)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("io.longshore.acceptance.clients.FleetClientsRootIT")
class FleetClientsRootIT {
    @TempDir
    private static Path directory;

    private static TwoNodes nodes;

    @BeforeAll
    static void start() throws IOException {
        nodes = TwoNodes.start("barge", 1);
    }

    @AfterAll
    static void stop() {
        nodes.close();
    }

    @AfterEach
    void removeAll() {
        nodes.removeAll();
    }

    private static Program compose(String line) {
        return TwoNodes.shellOnly("cd " + directory + " && DOCKER_HOST=unix://"
                        + nodes.first().socket() + " docker-compose " + line + " </dev/null")
                .ok();
    }

    private static List<String> on(String node) {
        return nodes.ok("node ps --format {{.Name}} " + node).lines().sorted().toList();
    }

    @Test
    void anApplicationOfCompose() throws IOException {
        try (InputStream file = FleetClientsRootIT.class.getResourceAsStream("/compose/spread.yaml")) {
            assertThat(file).isNotNull();
            Files.write(directory.resolve("docker-compose.yaml"), file.readAllBytes());
        }
        Files.writeString(directory.resolve(".env"), "COMPOSE_PROJECT_NAME=app\n");
        compose("up -d --scale web=4");
        assertThat(nodes.ok("network inspect --format '{{.Driver}} {{.Scope}} {{.Attachable}}' app_default"))
                .isEqualTo("overlay swarm true\n");
        // They are made at the same time, so that one may not see yet where another one goes.
        assertThat(on("ship")).anyMatch(name -> name.startsWith("app_web_")).hasSizeBetween(2, 4);
        assertThat(on("barge")).anyMatch(name -> name.startsWith("app_web_")).hasSizeBetween(2, 4);
        for (int n = 1; n <= 4; n++) {
            String self = nodes.ok("inspect --format {{.Config.Hostname}} app_web_" + n);
            for (String asking : List.of("app_db_1", "app_cache_1")) {
                String command = "exec " + asking + " nc -w 9 app_web_" + n + " 8080";
                assertThat(Await.answer(
                                Duration.ofSeconds(10),
                                () -> nodes.docker(command).out(),
                                said -> said.endsWith(self)))
                        .as(command)
                        .isEqualTo("rows\nwarm\n" + self);
            }
        }
        assertThat(compose("ps").out()).contains("app_web_4", "Up (healthy)").doesNotContain("Exit");
        assertThat(compose("logs --no-color web").out())
                .contains("web_1", "web_2", "web_3", "web_4")
                .containsPattern("web_4 +\\| started");
        for (int n = 1; n <= 4; n++) {
            assertThat(compose("exec -T --index=" + n + " web nc -w 3 db 5432").out())
                    .isEqualTo("rows\n");
        }
        compose("restart -t 0 db cache");
        assertThat(Await.answer(
                        Duration.ofSeconds(10),
                        () -> nodes.docker("exec app_web_1 nc -w 3 db 5432").out(),
                        "rows\n"::equals))
                .isEqualTo("rows\n");
        compose("down -v -t 0");
        assertThat(nodes.ok("ps -aq") + nodes.ok("network ls -q --filter type=custom") + nodes.ok("volume ls -q"))
                .isEmpty();
    }

    /** But one, which mounts a directory of this machine and does not say that it needs this one. */
    @TestFactory
    Stream<DynamicTest> casesOfTestcontainers(@TempDir Path home) throws IOException, InterruptedException {
        return cases(
                home,
                "--select-class=" + ContainerCases.class.getName(),
                "--select-class=" + NetworkCases.class.getName(),
                "--exclude-methodname=.*#hasItsSettings");
    }

    @TestFactory
    Stream<DynamicTest> whatIsLeftToTheReaper(@TempDir Path home) throws IOException, InterruptedException {
        return cases(home, "--select-class=" + LeftToRyukCases.class.getName());
    }

    private static Stream<DynamicTest> cases(Path home, String... selectors) throws IOException, InterruptedException {
        nodes.first()
                .call(Request.postTar("/images/load?quiet=1", TestcontainersJvm.reaper()))
                .expect(200);
        Stream<DynamicTest> cases = TestcontainersJvm.run(
                home,
                nodes.first(),
                Map.of("TESTCONTAINERS_RYUK_CONTAINER_IMAGE", "reaper:1", "TESTCONTAINERS_REUSE_ENABLE", "true"),
                List.of(selectors));
        return Stream.concat(cases, Stream.of(dynamicTest("nothing is left", FleetClientsRootIT::nothingIsLeft)));
    }

    /** What it makes to be used again it does not have reaped. */
    private static void nothingIsLeft() {
        assertThat(Await.answer(
                        Duration.ofSeconds(30),
                        () -> nodes.ok("ps -aq --filter label=org.testcontainers.sessionId")
                                + nodes.ok("network ls -q --filter type=custom"),
                        String::isEmpty))
                .isEmpty();
    }

    /** The socket of the API is on one node, and a network without a driver, which the docker command does not make, on both. */
    @Test
    void whatTheDockerCommandMakes() {
        String mount = "-v " + nodes.first().socket() + ":/var/run/docker.sock ";
        for (String name : List.of("first", "second", "third")) {
            nodes.ok("create --name " + name + " --network none " + mount + "busybox true");
        }
        assertThat(on("ship")).containsExactly("first.1", "second.1", "third.1");
        nodes.ok("network create named");
        assertThat(nodes.ok("network inspect --format {{.Driver}} named")).isEqualTo("bridge\n");
        assertThat(nodes.docker("run --rm -v /etc:/host busybox true").errors())
                .contains("cannot mount /etc of the host: the fleet has 2 nodes that take containers");
    }
}
