package io.longshore.agent.volumedriver.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.agent.volumedriver.VolumeDriverContract;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalVolumeDriverTest extends VolumeDriverContract {
    private static final VolumeName DATA = VolumeName.parse("data");

    @TempDir
    private Path outside;

    @Override
    protected VolumeDriver driver() {
        return new LocalVolumeDriver(new JnaSyscalls(), directory, WalkMemory.ofHeap());
    }

    @Test
    void dataLiesInUnderscoreDataReadableForAll() throws Exception {
        driver().create(DATA, Map.of());
        Path data = driver().mount(DATA, ContainerId.random());
        assertThat(data).isEqualTo(directory.resolve("data/_data"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                .isEqualTo("rwxr-xr-x");
    }

    @Test
    void createKeepsTheDataOfOneThatExists() throws Exception {
        driver().create(DATA, Map.of());
        Path file = Files.writeString(driver().mount(DATA, ContainerId.random()).resolve("f"), "kept");
        driver().create(DATA, Map.of());
        assertThat(file).hasContent("kept");
    }

    @Test
    void takesWhatItsFilesHaveAndNothingBehindLinks() throws Exception {
        Files.write(outside.resolve("large"), new byte[100_000]);
        driver().create(DATA, Map.of());
        Path data = driver().mount(DATA, ContainerId.random());
        Files.createDirectories(data.resolve("a/b"));
        Files.write(data.resolve("a/b/one"), new byte[1_000]);
        Files.createLink(data.resolve("same"), data.resolve("a/b/one"));
        Path link = Files.createSymbolicLink(data.resolve("link"), outside.resolve("large"));
        long ofLink = Files.readSymbolicLink(link).toString().length();
        assertThat(driver().bytes(DATA, Duration.ofSeconds(10))).isEqualTo(1_000 + ofLink);
        assertThatThrownBy(() -> driver().bytes(DATA, Duration.ofNanos(-1)))
                .isInstanceOf(Failure.DeadlineExceeded.class);
    }

    @Test
    void removeFollowsNoLinks() throws Exception {
        Files.writeString(outside.resolve("canary"), "alive");
        driver().create(DATA, Map.of());
        Path data = driver().mount(DATA, ContainerId.random());
        Files.createSymbolicLink(data.resolve("link"), outside);
        Files.createDirectories(data.resolve("a/b"));
        Files.createSymbolicLink(data.resolve("a/b/c"), outside.resolve("canary"));
        driver().remove(DATA);
        assertThat(outside.resolve("canary")).hasContent("alive");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void removeOfAVeryDeepTreeEnds() throws Exception {
        driver().create(DATA, Map.of());
        Path data = driver().mount(DATA, ContainerId.random());
        deepen(data, 1_000);
        driver().remove(DATA);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void removeWhileDirectoryAndLinkAreSwappedStaysInside() throws Exception {
        Files.writeString(outside.resolve("canary"), "alive");
        for (int round = 0; round < 30; round++) {
            driver().create(DATA, Map.of());
            Path data = driver().mount(DATA, ContainerId.random());
            for (int i = 0; i < 20; i++) {
                Files.createDirectories(data.resolve("d" + i + "/canary"));
            }
            AtomicBoolean done = new AtomicBoolean();
            try (var swapper = Executors.newSingleThreadExecutor()) {
                swapper.execute(() -> swap(data, done));
                driver().remove(DATA);
                done.set(true);
            }
        }
        assertThat(outside.resolve("canary")).hasContent("alive");
    }

    @Test
    void whatACrashLeftGoesAtTheNextStart() throws Exception {
        Files.createDirectories(directory.resolve(".half-made/_data/x"));
        assertThat(driver().list()).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    /** A container's side of the race: renames directories away and puts links in their place. */
    private void swap(Path data, AtomicBoolean done) {
        for (int i = 0; i < 20 && !done.get(); i++) {
            try {
                Files.move(data.resolve("d" + i), data.resolve("gone" + i));
                Files.createSymbolicLink(data.resolve("d" + i), outside);
            } catch (java.io.IOException e) {
                // The volume has gone: the race is over.
                return;
            }
        }
    }

    /** No path may be longer than 4,096 bytes, so the tree grows at its root: the old root becomes a child of the new one. */
    private static void deepen(Path data, int levels) throws Exception {
        Path root = data.resolve("d");
        Path next = data.resolve("next");
        Files.createDirectory(root);
        for (int i = 0; i < levels; i++) {
            Files.createDirectory(next);
            Files.move(root, next.resolve("d"));
            Files.move(next, root);
        }
    }
}
