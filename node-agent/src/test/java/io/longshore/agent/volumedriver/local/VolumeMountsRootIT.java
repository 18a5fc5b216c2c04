package io.longshore.agent.volumedriver.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Volumes with options, mounted in this process's mount namespace. */
class VolumeMountsRootIT {
    private static final VolumeName DATA = VolumeName.parse("data");
    private static final Map<String, String> MEMORY = Map.of("type", "tmpfs", "device", "tmpfs", "o", "size=1m");

    @TempDir
    private Path directory;

    @TempDir
    private Path outside;

    private VolumeDriver driver() {
        return new LocalVolumeDriver(new JnaSyscalls(), directory, WalkMemory.ofHeap());
    }

    private boolean isMounted() throws IOException {
        return Files.readString(Path.of("/proc/self/mountinfo")).contains(directory + "/data/_data ");
    }

    @AfterEach
    void nothingStaysMounted() throws IOException {
        driver().remove(DATA);
        assertThat(isMounted()).isFalse();
    }

    @Test
    void isMountedFromTheFirstUserToTheLast() throws Exception {
        VolumeDriver driver = driver();
        driver.create(DATA, MEMORY);
        assertThat(isMounted()).isFalse();
        ContainerId one = ContainerId.random();
        ContainerId other = ContainerId.random();
        Path data = driver.mount(DATA, one);
        driver.mount(DATA, one);
        Files.writeString(data.resolve("file"), "shared");
        assertThat(driver.mount(DATA, other).resolve("file")).hasContent("shared");
        driver.unmount(DATA, one);
        assertThat(data.resolve("file")).hasContent("shared");
        driver.unmount(DATA, other);
        assertThat(isMounted()).isFalse();
        assertThat(driver.mount(DATA, one)).isEmptyDirectory();
    }

    /** A driver of a later life of the agent in the same mount namespace, where a container still runs. */
    @Test
    void whatIsMountedAlreadyIsTakenAsItIs() throws Exception {
        driver().create(DATA, MEMORY);
        ContainerId container = ContainerId.random();
        Files.writeString(driver().mount(DATA, container).resolve("file"), "kept");
        VolumeDriver later = driver();
        assertThat(later.mount(DATA, container).resolve("file")).hasContent("kept");
        later.unmount(DATA, container);
        assertThat(isMounted()).isFalse();
    }

    /** As the supervisors of an earlier life of the agent have. */
    @Test
    void nothingStaysMountedInAnotherMountNamespace() throws Exception {
        driver().create(DATA, MEMORY);
        ContainerId container = ContainerId.random();
        driver().mount(DATA, container);
        Process other = new ProcessBuilder("unshare", "--mount", "sh", "-c", "echo; exec sleep 100").start();
        try {
            assertThat(other.getInputStream().read()).isEqualTo('\n');
            Path mounts = Path.of("/proc/" + other.pid() + "/mounts");
            assertThat(Files.readString(mounts)).contains(directory + "/data/_data ");
            VolumeDriver later = driver();
            later.unmount(DATA, container);
            assertThat(Files.readString(mounts)).doesNotContain(directory + "/data/_data ");
            assertThat(later.mount(DATA, container)).isEmptyDirectory();
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    @Test
    void removalTakesNothingFromWhereItLies() throws Exception {
        Files.writeString(outside.resolve("canary"), "alive");
        VolumeDriver driver = driver();
        driver.create(DATA, Map.of("type", "none", "o", "bind", "device", outside.toString()));
        assertThat(driver.mount(DATA, ContainerId.random()).resolve("canary")).hasContent("alive");
        driver.remove(DATA);
        assertThat(outside.resolve("canary")).hasContent("alive");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aBindForReadingOnlyTakesNoFile() throws Exception {
        VolumeDriver driver = driver();
        driver.create(DATA, Map.of("type", "none", "o", "rbind,ro,nosuid", "device", outside.toString()));
        Path data = driver.mount(DATA, ContainerId.random());
        assertThatThrownBy(() -> Files.writeString(data.resolve("file"), "x"))
                .hasMessageContaining("Read-only file system");
    }

    @Test
    void whatCannotBeMountedIsSaidWithoutItsPassword() throws Exception {
        VolumeDriver driver = driver();
        driver.create(DATA, Map.of("type", "nosuchfs", "device", "//server/x", "o", "ro,password=secret,vers=3"));
        assertThatThrownBy(() -> driver.mount(DATA, ContainerId.random()))
                .isInstanceOf(Failure.Internal.class)
                .hasMessageContaining("failed to mount local volume: mount //server/x:")
                .hasMessageContaining("flags: 0x1, data: password=********,vers=3: no such device")
                .hasMessageNotContaining("secret");
        assertThat(isMounted()).isFalse();
    }
}
