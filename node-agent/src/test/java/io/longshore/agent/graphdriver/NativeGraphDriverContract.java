package io.longshore.agent.graphdriver;

import static io.longshore.agent.linux.path.Names.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.fixture.TestLayer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every graph driver must do that keeps layers: what comes out of a layer, seen in a container. */
public abstract class NativeGraphDriverContract extends GraphDriverContract {
    protected final JnaSyscalls syscalls = new JnaSyscalls();

    private List<String> mountsBefore = List.of();

    @TempDir
    protected Path elsewhere;

    private List<String> mounts() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.contains(work.toString())).toList();
        }
    }

    @BeforeEach
    void noteMounts() throws IOException {
        mountsBefore = mounts();
    }

    @AfterEach
    void noMountIsLeft() throws IOException {
        assertThat(mounts()).isEqualTo(mountsBefore);
    }

    protected String read(ContainerRoot root, String path) throws IOException {
        return new String(root.read(path, 1 << 20), StandardCharsets.UTF_8);
    }

    protected MountedRoot container(byte[]... layers) {
        ContainerId id = ContainerId.random();
        driver.create(id, unpack(layers));
        return driver.mount(id);
    }

    @Test
    void everythingOfAnEntryIsKept() throws IOException {
        Instant modified = Instant.ofEpochSecond(1_600_000_000, 123456700);
        byte[] layer = new TestLayer()
                .directory("./", 0751)
                .entry("d/", TarConstants.LF_DIR, new byte[0], e -> {
                    e.setMode(01777);
                    e.setUserId(7);
                    e.setGroupId(8);
                })
                .entry("d/suid", TarConstants.LF_NORMAL, "x".getBytes(StandardCharsets.UTF_8), e -> {
                    e.setMode(06755);
                    e.setUserId(4_000_000_000L);
                    e.setGroupId(100_000);
                    e.setLastModifiedTime(FileTime.from(modified));
                    e.addPaxHeader("SCHILY.xattr.user.note", "hello");
                })
                .hardLink("hard", "d/suid")
                .symlink("soft", "/etc/passwd")
                .fifo("pipe")
                .directory("dev/", 0755)
                .character("dev/null", 1, 3)
                .tar();
        try (MountedRoot mounted = container(layer)) {
            ContainerRoot root = mounted.root();
            assertThat(root.status(".").orElseThrow().permissions()).isEqualTo(0751);
            FileStatus directory = root.status("d").orElseThrow();
            assertThat(directory.permissions()).isEqualTo(01777);
            assertThat(directory.uid()).isEqualTo(7);
            assertThat(directory.gid()).isEqualTo(8);
            assertThat(directory.modified()).isEqualTo(TestLayer.MODIFIED);
            FileStatus file = root.status("hard").orElseThrow();
            assertThat(file.permissions()).isEqualTo(06755);
            assertThat(Integer.toUnsignedLong(file.uid())).isEqualTo(4_000_000_000L);
            assertThat(file.gid()).isEqualTo(100_000);
            assertThat(file.modified()).isEqualTo(modified);
            assertThat(file.links()).isEqualTo(2);
            assertThat(root.xattr("d/suid", "user.note")).hasValue("hello".getBytes(StandardCharsets.UTF_8));
            assertThat(root.target("soft")).isEqualTo("/etc/passwd");
            assertThat(root.status("dev/null").orElseThrow().rdev()).isEqualTo(FileStatus.device(1, 3));
            assertThat(root.status("pipe")).isPresent();
        }
    }

    @Test
    void whiteoutsHideWhatIsBelowOnly() throws IOException {
        byte[] base = new TestLayer()
                .directory("gone/", 0755)
                .file("gone/x", "x")
                .file("file", "old")
                .directory("opaque/", 0700)
                .file("opaque/old", "old")
                .directory("again/", 0755)
                .file("again/old", "old")
                .symlink("link", "/elsewhere")
                .tar();
        byte[] upper = new TestLayer()
                .file(".wh.gone", "")
                .file(".wh.file", "")
                .file("opaque/.wh..wh..opq", "")
                .file("opaque/new", "new")
                .file(".wh.again", "")
                .directory("again/", 0711)
                .file("again/new", "new")
                .file("link", "a file where a lower layer has a link")
                .tar();
        try (MountedRoot mounted = container(base, upper)) {
            ContainerRoot root = mounted.root();
            assertThat(root.status("gone")).isEmpty();
            assertThat(root.status("file")).isEmpty();
            assertThat(names(root, "opaque")).containsExactly("new");
            assertThat(root.status("opaque").orElseThrow().permissions()).isEqualTo(0700);
            assertThat(names(root, "again")).containsExactly("new");
            assertThat(root.status("again").orElseThrow().permissions()).isEqualTo(0711);
            assertThat(read(root, "link")).startsWith("a file where");
        }
    }

    @Test
    void directoriesThatALayerLeavesOutKeepTheirAttributes() throws IOException {
        byte[] base =
                new TestLayer().directory("./", 0700).directory("tmp/", 01777).tar();
        try (MountedRoot mounted =
                container(base, new TestLayer().file("tmp/deep/new", "x").tar())) {
            assertThat(mounted.root().status("tmp").orElseThrow().permissions()).isEqualTo(01777);
            assertThat(mounted.root().status("tmp/deep").orElseThrow().permissions())
                    .isEqualTo(0755);
            assertThat(mounted.root().status(".").orElseThrow().permissions()).isEqualTo(0700);
        }
    }

    @Test
    void mountPointsAreMadeWhereTheImageLacksThem() throws IOException {
        byte[] layer = new TestLayer()
                .directory("etc/", 0750)
                .file("etc/hosts", "mine")
                .directory("proc/", 0500)
                .tar();
        try (MountedRoot mounted = container(layer)) {
            ContainerRoot root = mounted.root();
            assertThat(names(root, ".")).contains("dev", "proc", "sys", "etc", ".dockerenv");
            assertThat(names(root, "dev")).containsExactlyInAnyOrder("pts", "shm", "console");
            assertThat(names(root, "etc")).containsExactlyInAnyOrder("hosts", "hostname", "resolv.conf", "mtab");
            assertThat(root.status("etc").orElseThrow().permissions()).isEqualTo(0750);
            assertThat(root.status("proc").orElseThrow().permissions()).isEqualTo(0500);
            assertThat(read(root, "etc/hosts")).isEqualTo("mine");
            assertThat(root.target("etc/mtab")).isEqualTo("/proc/mounts");
        }
        byte[] odd = new TestLayer()
                .symlink("etc", "/../../../../nowhere")
                .file("dev", "no directory")
                .tar();
        try (MountedRoot mounted = container(odd)) {
            assertThat(mounted.root().target("etc")).isEqualTo("/../../../../nowhere");
            assertThat(read(mounted.root(), "dev")).isEqualTo("no directory");
        }
        assertThat(Path.of("/nowhere")).doesNotExist();
    }

    @Test
    void aRepeatedEntryReplacesTheEarlierAsForTar() throws IOException {
        byte[] layer = new TestLayer()
                .symlink("f", "/etc/passwd")
                .file("f", "file")
                .hardLink("h", "f")
                .file("f", "again")
                .directory("d/", 0700)
                .directory("d/", 0711)
                .tar();
        try (MountedRoot mounted = container(layer)) {
            assertThat(read(mounted.root(), "f")).isEqualTo("again");
            assertThat(read(mounted.root(), "h")).isEqualTo("file");
            assertThat(mounted.root().status("d").orElseThrow().permissions()).isEqualTo(0711);
        }
    }

    protected static String sh(Path directory, String script) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("bash", "-c", script)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(process.waitFor()).describedAs(output).isZero();
        return output;
    }

    @Test
    void aFullDiskFailsClearlyAndLeavesNothing() throws IOException {
        Path small = Files.createDirectory(elsewhere.resolve("small"));
        syscalls.mount("tmpfs", small.toString(), "tmpfs", 0, "size=300k");
        try {
            GraphDriver onSmall = open(small);
            List<String> before = left(small);
            byte[] layer = new TestLayer().file("big", 0644, new byte[1 << 20]).tar();
            assertThatThrownBy(() -> onSmall.unpack(null, Digest.of(layer), stream(layer)))
                    .isInstanceOf(Failure.Internal.class)
                    .hasMessageContaining("no space left on device");
            assertThat(onSmall.layers()).isEmpty();
            assertThat(left(small)).isEqualTo(before);
        } finally {
            syscalls.umount2(small.toString(), 0);
        }
    }

    private List<String> left(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory.resolve(driver.name()))) {
            return paths.map(Path::toString).sorted().toList();
        }
    }

    @Test
    void volumesAreFilledFromTheImage() throws IOException {
        byte[] layer = new TestLayer()
                .entry("data/", TarConstants.LF_DIR, new byte[0], e -> {
                    e.setMode(0750);
                    e.setUserId(5);
                    e.setGroupId(6);
                })
                .directory("data/sub/", 0700)
                .file("data/sub/f", 04711, "x".getBytes(StandardCharsets.UTF_8))
                .hardLink("data/g", "data/sub/f")
                .symlink("data/l", "/etc/passwd")
                .attributed("data/x", "y", Map.of("user.a", "b"))
                .symlink("to-data", "/data")
                .tar();
        ContainerId id = ContainerId.random();
        driver.create(id, unpack(layer));
        VolumeCopyUp copyUp = new VolumeCopyUp(syscalls, driver, WalkMemory.ofHeap());
        Path volume = Files.createDirectory(elsewhere.resolve("volume"));
        assertThat(copyUp.copyUp(id, "/nothing/here", volume)).isFalse();
        assertThat(copyUp.copyUp(id, "/to-data/x", volume)).isFalse();
        assertThat(copyUp.copyUp(id, "/../../to-data", volume)).isTrue();
        try (ContainerRoot root = ContainerRoot.open(syscalls, volume.toString())) {
            FileStatus status = root.status(".").orElseThrow();
            assertThat(status.permissions()).isEqualTo(0750);
            assertThat(status.uid()).isEqualTo(5);
            assertThat(status.modified()).isEqualTo(TestLayer.MODIFIED);
            assertThat(names(root, "")).containsExactlyInAnyOrder("sub", "g", "l", "x");
            assertThat(root.status("g").orElseThrow().links()).isEqualTo(2);
            assertThat(root.status("sub/f").orElseThrow().permissions()).isEqualTo(04711);
            assertThat(root.target("l")).isEqualTo("/etc/passwd");
            assertThat(root.xattr("x", "user.a")).isPresent();
        }
        assertThat(elsewhere).isDirectoryNotContaining("glob:**/volume.*");
        Files.delete(volume.resolve("x"));
        assertThat(copyUp.copyUp(id, "/data", volume)).isFalse();
        assertThat(volume.resolve("x")).doesNotExist();
    }

    @Test
    void aCopyIntoAVolumeThatWasCutOffIsDoneAgainOrFinished() throws IOException {
        ContainerId id = ContainerId.random();
        driver.create(
                id,
                unpack(new TestLayer()
                        .directory("data/", 0755)
                        .file("data/a", 0644, "whole".getBytes(StandardCharsets.UTF_8))
                        .file("data/b", 0644, "whole".getBytes(StandardCharsets.UTF_8))
                        .tar()));
        VolumeCopyUp copyUp = new VolumeCopyUp(syscalls, driver, WalkMemory.ofHeap());
        Path cut = Files.createDirectory(elsewhere.resolve("cut"));
        Files.writeString(
                Files.createDirectory(elsewhere.resolve("cut.filling")).resolve("a"), "wh");
        assertThat(copyUp.copyUp(id, "/data", cut)).isTrue();
        assertThat(cut.resolve("a")).hasContent("whole");
        assertThat(cut.resolve("b")).hasContent("whole");
        Path moved = Files.createDirectory(elsewhere.resolve("moved"));
        Files.writeString(moved.resolve("a"), "a container wrote this");
        Path rest = Files.createDirectory(elsewhere.resolve("moved.filled"));
        Files.writeString(rest.resolve("a"), "whole");
        Files.writeString(rest.resolve("c"), "whole");
        assertThat(copyUp.copyUp(id, "/data", moved)).isFalse();
        assertThat(moved.resolve("a")).hasContent("a container wrote this");
        assertThat(moved.resolve("c")).hasContent("whole");
        assertThat(moved.resolve("b")).doesNotExist();
        assertThat(elsewhere).isDirectoryNotContaining("glob:**/*.fill*");
    }

    @Test
    void whatACrashLeavesIsSwept() throws IOException {
        List<Digest> diffIds = unpack(BASE);
        driver.create(ContainerId.random(), diffIds);
        List<String> before = everything();
        Path own = work.resolve(driver.name());
        Path halfMade = Files.createDirectories(own.resolve("tmp-123/diff/a/b"));
        Files.writeString(halfMade.resolve("c"), "x");
        Files.createDirectories(own.resolve("0".repeat(64) + "/diff"));
        Files.createDirectories(own.resolve("0".repeat(64) + "-init/diff"));
        Files.writeString(work.resolve("layers/x.json.tmp"), "{");
        driver = open(work);
        assertThat(everything()).isEqualTo(before);
        assertThat(driver.layers()).hasSize(1);
    }

    @Test
    void aDeepContainerIsRemovedAndWhatCannotBeIsNoHindrance() throws IOException, InterruptedException {
        List<Digest> diffIds = unpack(BASE);
        driver.create(ContainerId.random(), diffIds);
        List<String> before = everything();
        ContainerId deep = ContainerId.random();
        driver.create(deep, diffIds);
        Fd at = syscalls.open(
                work.resolve(driver.name() + "/containers/" + deep + "/diff").toString(), OpenFlags.O_PATH, 0);
        for (int level = 0; level < 1500; level++) {
            try (Fd above = at) {
                syscalls.mkdirat(above, "a", 0755);
                at = syscalls.openat2(above, "a", OpenFlags.O_PATH, 0, 0);
            }
        }
        at.close();
        driver.remove(deep);
        assertThat(everything()).isEqualTo(before);
        Path stuck = Files.createDirectories(work.resolve(driver.name() + "/tmp-789/diff"));
        sh(stuck, "chattr +i .");
        try {
            driver = open(work);
            assertThat(driver.layers()).hasSize(1);
        } finally {
            sh(stuck, "chattr -i .");
        }
        driver = open(work);
        assertThat(everything()).isEqualTo(before);
    }
}
