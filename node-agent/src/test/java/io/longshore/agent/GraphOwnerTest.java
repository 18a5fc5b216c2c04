package io.longshore.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraphOwnerTest {
    @TempDir
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private WorkDirectory work;

    @BeforeEach
    void open() {
        work = WorkDirectory.open(directory.resolve("work"));
    }

    @AfterEach
    void close() throws IOException {
        work.close();
    }

    private Path made(String path) throws IOException {
        return Files.createDirectories(work.path().resolve(path));
    }

    private void refused(String owner, String driver) {
        assertThatThrownBy(() -> GraphOwner.claim(work, driver))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining(work.path().toString())
                .hasMessageContaining("graph driver " + owner)
                .hasMessageContaining(driver + " cannot use")
                .hasMessageContaining("agent.storage-driver");
    }

    @Test
    void aDirectoryWithContainersStaysWithItsDriver() throws IOException {
        GraphOwner.claim(work, "vfs");
        made("vfs/containers/" + "a".repeat(64));
        refused("vfs", "overlay2");
        GraphOwner.claim(work, "vfs");
    }

    @Test
    void oneWithLayersDoes() throws IOException {
        GraphOwner.claim(work, "overlay2");
        Files.writeString(made("layers").resolve("b.json"), "{}");
        refused("overlay2", "vfs");
    }

    @Test
    void oneFromBeforeIsKnownByItsDirectories() throws IOException {
        made("overlay2/containers/" + "a".repeat(64));
        refused("overlay2", "vfs");
        assertThatCode(() -> GraphOwner.claim(work, "overlay2")).doesNotThrowAnyException();
    }

    @Test
    void anEmptyOneChangesHands() throws IOException {
        GraphOwner.claim(work, "overlay2");
        made("overlay2/containers");
        made("layers");
        GraphOwner.claim(work, "vfs");
        assertThat(work.state("graph-driver")).hasContent("vfs");
        made("vfs/containers/" + "a".repeat(64));
        refused("vfs", "overlay2");
    }
}
