package io.longshore.agent.execdriver.libcontainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.execdriver.Exit;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.contracts.agent.ContainerSpec.Device;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One container swaps directories of a volume for symlinks that lead out, while others that have the same volume are started and mount,
 * mask and make devices there (CVE-2021-30465, CVE-2025-31133, CVE-2025-52565, CVE-2025-52881).
 * {@code -Dagent.races=N} says how often.
 */
@Timeout(1800)
class RaceRootIT extends SandboxFixture {
    private static final int RACES = Integer.getInteger("agent.races", 1000);

    @Test
    void nothingIsMadeOrMountedOutside() throws IOException {
        Path shared = Files.createDirectories(directory.resolve("shared"));
        Path outside = Files.createDirectories(directory.resolve("outside"));
        Files.writeString(outside.resolve("canary"), "alive");
        host.volumes.put("/shared", shared.toString());
        Launch attacker =
                host.launch(sharing(shell("cd /shared; while :; do rm -rf d; ln -s ../../../../../../../../../.."
                        + outside + " d; mv d e; mkdir -p d/sub; touch d/file; rm -rf e; done")));
        driver.create(attacker, exits);
        driver.start(attacker.id());
        int started = 0;
        for (int i = 0; i < RACES; i++) {
            started += victim(i) ? 1 : 0;
            try (Stream<Path> files = Files.list(outside)) {
                assertThat(files).as("after start %d", i).containsExactly(outside.resolve("canary"));
            }
        }
        assertThat(Files.readString(outside.resolve("canary"))).isEqualTo("alive");
        assertThat(started).as("starts that won").isPositive();
        driver.destroy(attacker.id());
    }

    /** Whether it ran. That it is refused is as good, as long as it is refused in order. */
    private boolean victim(int number) {
        TestSpecs spec = sharing(
                shell(
                        "for p in /shared/d/sub /shared/d/made /shared/d/canary; do echo x > $p/written; echo x > $p; done 2>/dev/null; exit 0"));
        spec.mounts.add(new Mount(Mount.Kind.TMPFS, "", "/shared/d/sub", false, List.of(), false));
        spec.maskedPaths = List.of("/shared/d/file", "/proc/keys");
        spec.readOnlyPaths = List.of("/shared/d/sub", "/proc/sys");
        if (number % 2 == 0) {
            spec.devices = List.of(new Device("/dev/zero", "/shared/d/dev/zero", "r"));
            spec.workingDirectory = "/shared/d/made";
        }
        Launch launch = host.launch(spec);
        try {
            driver.create(launch, exits);
            driver.start(launch.id());
        } catch (Failure e) {
            assertThat(driver.held()).doesNotContain(launch.id());
            return false;
        }
        Exit exit = exits.next(launch.id());
        assertThat(exit.code()).isZero();
        driver.destroy(launch.id());
        return true;
    }

    private static TestSpecs sharing(TestSpecs spec) {
        spec.mounts.add(new Mount(Mount.Kind.VOLUME, "shared", "/shared", false, List.of(), false));
        return spec;
    }

    /** What the image has at the console's place, and in the place of terminals, is neither used nor seen. */
    @Test
    void theConsoleIsTheContainersOwnTerminal() throws IOException {
        Path dev = Files.createDirectories(host.root.resolve("dev"));
        Files.createSymbolicLink(dev.resolve("console"), Path.of("/proc/sysrq-trigger"));
        Files.createSymbolicLink(dev.resolve("pts"), Path.of("/proc/sys"));
        Files.createSymbolicLink(dev.resolve("ptmx"), Path.of("/etc/passwd"));
        TestSpecs spec = shell(
                "stat -c %t /dev/console; stat -f -c %T /dev/console /dev/pts; grep -c ' /dev/console devpts ' /proc/mounts");
        spec.tty = true;
        assertThat(run(spec).output()).matches("88\r\n(devpts|UNKNOWN)\r\n(devpts|UNKNOWN)\r\n1\r\n");
    }
}
