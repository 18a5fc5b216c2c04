package io.longshore.acceptance.clients;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.longshore.acceptance.running.CompiledC;
import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.platform.console.ConsoleLauncher;

/** A JVM that runs cases of Testcontainers, which has one engine for the life of its JVM. */
final class TestcontainersJvm {
    private static final Duration CASES = Duration.ofMinutes(4);

    private TestcontainersJvm() {}

    /** The image {@code reaper:1}, a stand-in for Ryuk, as {@code docker save} writes one. */
    static byte[] reaper() throws IOException {
        byte[] layer = new TarArchive()
                .directory("var/", 0755)
                .directory("var/run/", 0755)
                .file("reaper", 0755, CompiledC.binary("reaper.c"))
                .bytes();
        return new SavedImage(List.of("reaper:1"), Map.of("Entrypoint", List.of("/reaper")), List.of(layer)).archive();
    }

    /**
     * Runs them, and has each as a test of this JVM.
     *
     * @param home for its files
     * @param engine whose they are; published ports answer in its network
     * @param environment beside what tells it the engine
     * @param selectors of the JUnit Platform's console launcher
     */
    static Stream<DynamicTest> run(Path home, Engine engine, Map<String, String> environment, List<String> selectors)
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
        command.addAll(selectors);
        Map<String, String> all = new HashMap<>(environment);
        all.put("DOCKER_HOST", "unix://" + engine.socket());
        // Of a JVM that is in a container itself, as that of a build may be, it takes the gateway for the engine.
        all.put("TESTCONTAINERS_HOST_OVERRIDE", "localhost");
        // With which it tries whether files of this machine can be mounted.
        all.put("TESTCONTAINERS_TINYIMAGE_CONTAINER_IMAGE", "busybox:latest");
        Client.Outcome outcome = new Client(home, engine.inNetwork(command), all).run(CASES);
        Stream<DynamicTest> whole = Stream.of(dynamicTest("the JVM of the cases", outcome::ok));
        return Stream.concat(JUnitReport.read(reports, outcome), whole);
    }
}
