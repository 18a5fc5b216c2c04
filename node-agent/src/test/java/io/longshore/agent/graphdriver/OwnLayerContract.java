package io.longshore.agent.graphdriver;

import static io.longshore.agent.linux.path.Names.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.LayerChain;
import io.longshore.oci.fixture.TestLayer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a container has changed, told and written as a layer: a mounted root is changed, and compared with what comes out. */
public abstract class OwnLayerContract {
    private static final byte[] BASE = new TestLayer()
            .directory("etc/", 0755)
            .file("etc/kept", "kept")
            .file("etc/changed", "before")
            .directory("etc/deep/", 0755)
            .file("etc/deep/gone", "x")
            .directory("gone/", 0755)
            .file("gone/x", "x")
            .directory("made-anew/", 0755)
            .file("made-anew/old", "x")
            .file("kind", "a file")
            .symlink("link", "etc")
            .tar();

    @TempDir
    protected Path work;

    protected final Syscalls syscalls = new JnaSyscalls();
    protected final ContainerId id = ContainerId.random();

    @SuppressWarnings("NullAway.Init")
    protected GraphDriver driver;

    @SuppressWarnings("NullAway.Init")
    protected Path root;

    /** Opens the driver on the directory. */
    protected abstract GraphDriver open(Path workDirectory, WalkMemory memory) throws IOException;

    /** Where the container's root is, for changing it as the container would. */
    protected abstract Path mount(RootFs made) throws IOException;

    @BeforeEach
    void create() throws IOException {
        driver = open(work, WalkMemory.ofHeap());
        driver.unpack(null, Digest.of(BASE), new ByteArrayInputStream(BASE));
        root = mount(driver.create(id, List.of(Digest.of(BASE))));
    }

    protected List<String> changes() throws IOException {
        List<String> changes = new ArrayList<>();
        driver.changes(id, (kind, path) -> changes.add(kind.name().charAt(0) + " " + path));
        return changes;
    }

    /** Changes of each kind. */
    protected void change() throws IOException {
        Files.writeString(root.resolve("etc/changed"), "after");
        Files.writeString(root.resolve("etc/new"), "new");
        Files.delete(root.resolve("etc/deep/gone"));
        Files.delete(root.resolve("gone/x"));
        Files.delete(root.resolve("gone"));
        Files.delete(root.resolve("made-anew/old"));
        Files.delete(root.resolve("made-anew"));
        Files.createDirectory(root.resolve("made-anew"));
        Files.writeString(root.resolve("made-anew/young"), "y");
        Files.delete(root.resolve("kind"));
        Files.createDirectory(root.resolve("kind"));
        Files.delete(root.resolve("link"));
        Files.createSymbolicLink(root.resolve("link"), Path.of("/nowhere"));
    }

    @Test
    void tellsWhatChanged() throws IOException {
        assertThat(changes()).isEmpty();
        change();
        assertThat(changes())
                .containsSubsequence("M /etc", "M /etc/deep", "D /etc/deep/gone")
                .containsExactlyInAnyOrder(
                        "M /etc",
                        "M /etc/changed",
                        "M /etc/deep",
                        "D /etc/deep/gone",
                        "A /etc/new",
                        "D /gone",
                        "M /kind",
                        "M /link",
                        "M /made-anew",
                        "D /made-anew/old",
                        "A /made-anew/young");
    }

    @Test
    void moreNamesThanMayBeHeldAreToldToo() throws IOException {
        driver = open(work, new WalkMemory(0, 0));
        Files.createFile(root.resolve("etc/first"));
        for (int i = 0; i < 2_000; i++) {
            Files.createLink(root.resolve("etc/" + "n".repeat(200) + i), root.resolve("etc/first"));
            Files.createLink(root.resolve("made-anew/" + "n".repeat(200) + i), root.resolve("etc/first"));
        }
        assertThat(changes()).doesNotHaveDuplicates().hasSize(4_000 + 3).contains("A /etc/first");
        ByteArrayOutputStream layer = new ByteArrayOutputStream();
        assertThat(driver.writeLayer(id, layer)).isTrue();
        assertThat(layer.size()).isGreaterThan(4_000 * 512);
    }

    protected List<Digest> commit() throws IOException {
        ByteArrayOutputStream layer = new ByteArrayOutputStream();
        assertThat(driver.writeLayer(id, layer)).isTrue();
        byte[] tar = layer.toByteArray();
        driver.unpack(Digest.of(BASE), Digest.of(tar), new ByteArrayInputStream(tar));
        return List.of(Digest.of(BASE), Digest.of(tar));
    }

    protected MountedRoot mounted(List<Digest> diffIds) {
        ContainerId other = ContainerId.random();
        driver.create(other, diffIds);
        return driver.mount(other);
    }

    @Test
    void theLayerIsWhatTheContainerSaw() throws IOException {
        change();
        try (MountedRoot made = mounted(commit())) {
            ContainerRoot seen = made.root();
            assertThat(seen.read("etc/kept", 100)).asString().isEqualTo("kept");
            assertThat(seen.read("etc/changed", 100)).asString().isEqualTo("after");
            assertThat(seen.read("etc/new", 100)).asString().isEqualTo("new");
            assertThat(seen.status("etc/deep/gone")).isEmpty();
            assertThat(seen.status("etc/deep")).isPresent();
            assertThat(seen.status("gone")).isEmpty();
            assertThat(names(seen, "made-anew")).containsExactly("young");
            assertThat(seen.status("kind").orElseThrow().isDirectory()).isTrue();
            assertThat(seen.target("link")).isEqualTo("/nowhere");
        }
    }

    @Test
    void ownersModesTimesAttributesAndLinksAreExact() throws IOException {
        Instant modified = Instant.ofEpochSecond(1_600_000_000, 123_456_789);
        Path file = Files.writeString(root.resolve("file"), "content");
        Files.setAttribute(file, "unix:uid", 12);
        Files.setAttribute(file, "unix:gid", 3_000_000);
        Files.setAttribute(file, "unix:mode", 06711);
        Files.setAttribute(file, "user:note", java.nio.ByteBuffer.wrap(new byte[] {1, 0, 2}));
        Files.createLink(root.resolve("second"), file);
        Files.setLastModifiedTime(file, FileTime.from(modified));
        syscalls.mknodat(io.longshore.agent.linux.Fd.CWD, root + "/dev/zero", 0x2000 | 0640, FileStatus.device(1, 5));
        syscalls.mknodat(io.longshore.agent.linux.Fd.CWD, root + "/pipe", 0x1000 | 0600, 0);
        Files.setLastModifiedTime(root.resolve("etc/deep"), FileTime.from(modified));
        try (MountedRoot made = mounted(commit())) {
            FileStatus status = made.root().status("file").orElseThrow();
            assertThat(status.uid()).isEqualTo(12);
            assertThat(status.gid()).isEqualTo(3_000_000);
            assertThat(status.permissions()).isEqualTo(06711);
            assertThat(status.modified()).isEqualTo(modified);
            assertThat(status.links()).isEqualTo(2);
            assertThat(made.root().status("second").orElseThrow().inode()).isEqualTo(status.inode());
            assertThat(made.root().xattr("second", "user.note")).hasValue(new byte[] {1, 0, 2});
            assertThat(made.root().status("dev/zero").orElseThrow().rdev()).isEqualTo(FileStatus.device(1, 5));
            assertThat(made.root().status("pipe")).isPresent();
            assertThat(made.root().status("etc/deep").orElseThrow().modified()).isEqualTo(modified);
        }
    }

    @Test
    void aSocketIsLeftOutAndANameOfMarksRefused() throws IOException {
        int socket = 0xc000 | 0600;
        syscalls.mknodat(io.longshore.agent.linux.Fd.CWD, root + "/socket", socket, 0);
        ByteArrayOutputStream layer = new ByteArrayOutputStream();
        assertThat(driver.writeLayer(id, layer)).isFalse();
        Files.move(Files.writeString(root.resolve("x"), ""), root.resolve(".wh.etc"), StandardCopyOption.ATOMIC_MOVE);
        assertThatThrownBy(() -> driver.writeLayer(id, layer))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("/.wh.etc");
    }

    @Test
    void theLayerHasItsOwnName() throws IOException {
        Files.writeString(root.resolve("x"), "1");
        List<Digest> diffIds = commit();
        assertThat(driver.layer(LayerChain.of(diffIds).getLast().chainId()))
                .hasValueSatisfying(layer -> assertThat(layer.size()).isEqualTo(1));
        try (MountedRoot made = mounted(diffIds)) {
            assertThat(made.root().read("x", 10)).asString().isEqualTo("1");
        }
    }
}
