package io.longshore.acceptance.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.longshore.acceptance.clients.testcontainers.ContainerCases;
import io.longshore.acceptance.clients.testcontainers.LeftToRyukCases;
import io.longshore.acceptance.clients.testcontainers.NetworkCases;
import io.longshore.acceptance.clients.testcontainers.PostgresCases;
import io.longshore.acceptance.running.CompiledC;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.process.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;
import org.junit.platform.console.ConsoleLauncher;

/**
 * Testcontainers, which has one engine for the life of a JVM: its cases run in a JVM for each form, in the network in which published
 * ports answer, and each of them is one of these.
 */
@Order(6)
class TestcontainersRootIT extends ClientCases {
    private static final Duration CASES = Duration.ofMinutes(4);

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
        byte[] layer = new TarArchive()
                .directory("var/", 0755)
                .directory("var/run/", 0755)
                .file("reaper", 0755, CompiledC.binary("reaper.c"))
                .bytes();
        SavedImage reaper =
                new SavedImage(List.of("reaper:1"), Map.of("Entrypoint", List.of("/reaper")), List.of(layer));
        engine.call(Request.postTar("/images/load?quiet=1", reaper.archive())).expect(200);
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
        Path reports = home.resolve("reports");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Duser.home=" + home,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ConsoleLauncher.class.getName(),
                "execute",
                "--disable-banner",
                "--disable-ansi-colors",
                "--details=none",
                "--fail-if-no-tests",
                "--config=junit.jupiter.execution.parallel.enabled=false",
                "--config=junit.jupiter.execution.timeout.default=90 s",
                "--reports-dir=" + reports));
        for (Class<?> each : classes) {
            command.add("--select-class=" + each.getName());
        }
        Map<String, String> all = new HashMap<>(environment);
        all.put("DOCKER_HOST", "unix://" + engine.socket());
        // Of a JVM that is in a container itself, as that of a build may be, it takes the gateway for the engine.
        all.put("TESTCONTAINERS_HOST_OVERRIDE", "localhost");
        // With which it tries whether files of this machine can be mounted.
        all.put("TESTCONTAINERS_TINYIMAGE_CONTAINER_IMAGE", "busybox:latest");
        // Docker Engine starts no privileged container where it has not all capabilities itself, as in a container.
        all.put("TESTCONTAINERS_RYUK_CONTAINER_PRIVILEGED", String.valueOf(form.longshore()));
        Client.Outcome outcome = new Client(home, engine.inNetwork(command), all).run(CASES);
        Stream<DynamicTest> whole = Stream.of(dynamicTest("the JVM of the cases", outcome::ok));
        return Stream.concat(JUnitReport.read(reports, outcome), whole);
    }
}
