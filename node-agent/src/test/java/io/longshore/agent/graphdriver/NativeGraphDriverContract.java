package io.longshore.agent.graphdriver;

import static io.longshore.agent.linux.path.Names.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.FileStatus;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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

    static Stream<Arguments> linksOnTheWay() {
        return Stream.of(
                hostile("x/passwd", l -> l.symlink("x", "/etc").file("x/passwd", "owned")),
                hostile("x/y/z", l -> l.symlink("x", "..").file("x/y/z", "owned")),
                hostile("x/a", l -> l.symlink("x", "/tmp").file("x/.wh.a", "")),
                hostile("l", l -> l.symlink("x", "/etc").hardLink("l", "x/passwd")),
                hostile("l", l -> l.hardLink("l", "never/there")),
                hostile("f/g", l -> l.file("f", "").file("f/g", "")),
                hostile("d", l -> l.directory("d/", 0755).file("d/x", "").file("d", "")),
                hostile("l", l -> l.directory("d/", 0755).hardLink("l", "d")));
    }

    @ParameterizedTest
    @MethodSource("linksOnTheWay")
    void layerThatReachesOutIsInvalidAndLeavesNothing(String named, byte[] layer) throws IOException {
        hostileLayerIsInvalid(named, layer);
    }

    private void hostileLayerIsInvalid(String named, byte[] layer) throws IOException {
        String canary = Files.readString(Path.of("/etc/passwd"));
        List<String> before = everything();
        assertThatThrownBy(() -> unpack(layer))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(named);
        assertThat(everything()).isEqualTo(before);
        assertThat(Files.readString(Path.of("/etc/passwd"))).isEqualTo(canary);
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

    @Test
    void unpacksAsTarDoes() throws IOException, InterruptedException {
        Path source = Files.createDirectory(elsewhere.resolve("source"));
        sh(source, """
                set -e
                mkdir -p a/b/c 'sp ace' ; chmod 2775 a ; chmod 1777 a/b
                for i in $(seq 200); do echo "$i" > a/b/f$i; done
                ln -s ../../etc/passwd a/link; ln a/b/f1 a/hard; mkfifo a/pipe; mknod a/b/c/x p
                n=$(printf 'n%.0s' $(seq 200)); mkdir -p "$n/$n"; echo deep > "$n/$n/$n"
                printf x > "$(printf 'latin-\\344')"; printf u > "ünïcode"
                chown -R 1000:2000 a/b; touch -d '2001-02-03 04:05:06.789012345' a/b/f2
                setfattr -n user.k -v v a/b/f3 2>/dev/null || true
                dd if=/dev/urandom of=big bs=1k count=700 2>/dev/null
                """);
        for (String format : List.of("--format=pax --xattrs", "--format=gnu", "--format=ustar --exclude=n*")) {
            sh(
                    elsewhere,
                    "rm -rf tree && mkdir tree && tar " + format
                            + " -C source -cf t.tar . && tar -C tree --numeric-owner " + "-xpf t.tar --xattrs");
            byte[] tar = Files.readAllBytes(elsewhere.resolve("t.tar"));
            StoredLayer layer = driver.unpack(null, Digest.of(tar), stream(tar));
            Path diff =
                    work.resolve(driver.name()).resolve(layer.chainId().hex()).resolve("diff");
            assertThat(listing(diff))
                    .isEqualTo(listing(elsewhere.resolve("tree")))
                    .contains("f200");
        }
    }

    private static String listing(Path tree) throws IOException, InterruptedException {
        return sh(
                tree,
                "find . -printf '%P %y %m %U %G %s %T@ %l %n\\n' | sed -E '/ d /s/ [0-9]+ ([0-9.]+)  /  \\1 /' | LC_ALL=C sort; "
                        + "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum");
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
    void directoriesThatAnArchiveLeavesOutAreMadeHoweverDeep() throws IOException {
        String deep = "d/".repeat(999) + "f";
        ContainerId id = ContainerId.random();
        List<Digest> diffIds = unpack(new TestLayer().file(deep, "bottom").tar());
        driver.create(id, diffIds);
        try (MountedRoot mounted = driver.mount(id)) {
            assertThat(read(mounted.root(), deep)).isEqualTo("bottom");
        }
        driver.remove(id);
        driver.removeLayer(diffIds.getFirst());
        hostileLayerIsInvalid(
                "nested 1001 deep", new TestLayer().file("d/" + deep, "bottom").tar());
    }

    @Test
    void absoluteNamesStayInside() throws IOException {
        byte[] layer = new TestLayer()
                .file("/etc/passwd", "of the image")
                .file("//abs", "x")
                .hardLink("/hard", "/etc/passwd")
                .tar();
        String host = Files.readString(Path.of("/etc/passwd"));
        try (MountedRoot mounted = container(layer)) {
            assertThat(read(mounted.root(), "etc/passwd")).isEqualTo("of the image");
            assertThat(read(mounted.root(), "hard")).isEqualTo("of the image");
            assertThat(read(mounted.root(), "abs")).isEqualTo("x");
        }
        assertThat(Path.of("/abs")).doesNotExist();
        assertThat(Path.of("/hard")).doesNotExist();
        assertThat(Files.readString(Path.of("/etc/passwd"))).isEqualTo(host);
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
}
