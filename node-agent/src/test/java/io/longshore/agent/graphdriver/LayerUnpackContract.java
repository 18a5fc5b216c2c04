package io.longshore.agent.graphdriver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.path.ContainerRoot;
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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers as tar makes them, and as those make them who want to reach beyond: what is unpacked, and that nothing else is touched. */
public abstract class LayerUnpackContract extends NativeGraphDriverContract {
    /** Version 2 with net_bind_service permitted and effective (linux/capability.h, vfs_cap_data). */
    protected static final byte[] CAPABILITY = {1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    /** User 1000 may read, beside owner and group (linux/posix_acl_xattr.h): version 2, and five entries of tag, rights and id. */
    private static final byte[] ACL = HexFormat.of()
            .parseHex("02000000" + "01000600ffffffff" + "02000400e8030000" + "04000400ffffffff" + "10000400ffffffff"
                    + "20000000ffffffff");

    private static final Instant CHANGED = Instant.parse("2011-12-13T14:15:16Z");

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

    /** Makes layers, the lowest first, with entries that are links to the canary or lead through one, and end in {@code e} or {@code d/e}. */
    interface OverLinks extends BiFunction<String, Byte, List<TestLayer>> {}

    private static Arguments over(String name, OverLinks layers) {
        return Arguments.of(name, layers);
    }

    private static TestLayer changing(TestLayer layer, String path, byte type) {
        String name = type == TarConstants.LF_DIR ? path + "/" : path;
        return layer.entry(name, type, new byte[0], entry -> {
            entry.setMode(04777);
            entry.setUserId(12);
            entry.setGroupId(34);
            entry.setLastModifiedTime(FileTime.from(CHANGED));
            if (type != TarConstants.LF_FIFO) {
                entry.addPaxHeader("SCHILY.xattr.user.changed", "yes");
            }
        });
    }

    static Stream<Arguments> entriesOverLinks() {
        return Stream.of(
                over(
                        "symlink to a file",
                        (to, type) -> List.of(changing(new TestLayer().symlink("e", to + "/kept"), "e", type))),
                over(
                        "symlink to a directory",
                        (to, type) -> List.of(changing(new TestLayer().symlink("e", to), "e", type))),
                over(
                        "symlink upwards",
                        (to, type) -> List.of(changing(
                                new TestLayer().symlink("e", "../".repeat(20) + to + "/kept"), "e", type))),
                over(
                        "chain of symlinks",
                        (to, type) -> List.of(
                                changing(new TestLayer().symlink("a", to).symlink("e", "a"), "e", type))),
                over(
                        "hard link to a symlink",
                        (to, type) -> List.of(changing(
                                new TestLayer().symlink("a", to + "/kept").hardLink("e", "a"), "e", type))),
                over(
                        "ancestor that was a symlink",
                        (to, type) -> List.of(
                                changing(new TestLayer().symlink("d", to).directory("d/", 0777), "d/e", type))),
                over(
                        "symlink of the layer below",
                        (to, type) -> List.of(new TestLayer().symlink("e", to), changing(new TestLayer(), "e", type))),
                over(
                        "ancestor that is a symlink of the layer below",
                        (to, type) ->
                                List.of(new TestLayer().symlink("d", to), changing(new TestLayer(), "d/e", type))),
                over(
                        "ancestor below, and its own attributes",
                        (to, type) -> List.of(
                                new TestLayer().symlink("d", to),
                                changing(changing(new TestLayer(), "d", TarConstants.LF_DIR), "d/e", type))));
    }

    /** CVE-2021-32760: an entry's owner, mode, times and attributes are the entry's, whatever had its name before. */
    @ParameterizedTest(name = "{0}")
    @MethodSource
    void entriesOverLinks(String name, OverLinks layers) throws IOException, InterruptedException {
        Path canary = canary();
        String before = everyAttribute(canary);
        for (byte type : new byte[] {TarConstants.LF_NORMAL, TarConstants.LF_DIR, TarConstants.LF_FIFO}) {
            byte[][] tars = layers.apply(canary.toString(), type).stream()
                    .map(TestLayer::tar)
                    .toArray(byte[][]::new);
            try (MountedRoot mounted = container(tars)) {
                ContainerRoot root = mounted.root();
                String path = name.startsWith("ancestor") ? "d/e" : "e";
                FileStatus made = root.status(path).orElseThrow();
                assertThat(made.isSymlink()).isFalse();
                assertThat(made.permissions()).isEqualTo(04777);
                assertThat(made.uid()).isEqualTo(12);
                assertThat(made.gid()).isEqualTo(34);
                assertThat(made.modified()).isEqualTo(CHANGED);
                assertThat(root.xattr(path, "user.changed").isPresent()).isEqualTo(type != TarConstants.LF_FIFO);
            }
            assertThat(everyAttribute(canary)).as("type %c", type).isEqualTo(before);
        }
    }

    static Stream<Arguments> entriesThroughLinks() {
        return Stream.of(
                over("d/kept", (to, type) -> List.of(changing(new TestLayer().symlink("d", to), "d/kept", type))),
                over(
                        "a/canary",
                        (to, type) -> List.of(changing(new TestLayer().symlink("a", to + "/.."), "a/canary", type))),
                over(
                        "e",
                        (to, type) -> List.of(
                                changing(new TestLayer().symlink("d", to).hardLink("e", "d/kept"), "e", type))),
                over("e", (to, type) -> List.of(changing(new TestLayer().hardLink("e", to + "/kept"), "e", type))),
                over(
                        "e",
                        (to, type) -> List.of(
                                new TestLayer().symlink("l", to + "/kept"),
                                changing(new TestLayer().hardLink("e", "l"), "e", type))));
    }

    @ParameterizedTest
    @MethodSource
    void entriesThroughLinks(String named, OverLinks layers) throws IOException, InterruptedException {
        Path canary = canary();
        String before = everyAttribute(canary);
        for (byte type : new byte[] {TarConstants.LF_NORMAL, TarConstants.LF_DIR, TarConstants.LF_FIFO}) {
            byte[][] tars = layers.apply(canary.toString(), type).stream()
                    .map(TestLayer::tar)
                    .toArray(byte[][]::new);
            assertThatThrownBy(() -> unpack(tars))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("\"" + named + "\"");
            assertThat(everyAttribute(canary)).isEqualTo(before);
        }
    }

    private Path canary() throws IOException {
        Path canary = Files.createDirectory(elsewhere.resolve("canary"));
        Files.writeString(canary.resolve("kept"), "of the host");
        syscalls.setxattr(canary.resolve("kept").toString(), "user.kept", new byte[] {1});
        return canary;
    }

    /** The time of the last change of an inode, in nanoseconds, stands for what is not listed. */
    private String everyAttribute(Path canary) throws IOException, InterruptedException {
        return sh(canary, "find . -printf '%P %y %m %U %G %s %n %T@ %C@\\n' | sort") + attributes(canary);
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
                dd if=/dev/urandom of=big bs=1k count=700 2>/dev/null
                """);
        for (String format : List.of("--format=pax", "--format=gnu", "--format=ustar --exclude=n*")) {
            sh(
                    elsewhere,
                    "rm -rf tree && mkdir tree && tar " + format
                            + " -C source -cf t.tar . && tar -C tree --numeric-owner -xpf t.tar");
            assertThat(listing(unpacked(elsewhere.resolve("t.tar"))))
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

    private Path unpacked(Path archive) throws IOException {
        byte[] tar = Files.readAllBytes(archive);
        StoredLayer layer = driver.unpack(null, Digest.of(tar), stream(tar));
        return work.resolve(driver.name()).resolve(layer.chainId().hex()).resolve("diff");
    }

    @Test
    void extendedAttributesAreKeptAsByTar() throws IOException, InterruptedException {
        Path source = Files.createDirectory(elsewhere.resolve("source"));
        sh(source, """
                set -e
                mkdir d; echo tool > tool; echo x > d/plain; echo y > d/listed; ln tool again
                chown 1000:2000 tool d/plain; chmod 6755 tool
                """);
        byte[] binary = new byte[256];
        for (int i = 0; i < binary.length; i++) {
            binary[i] = (byte) i;
        }
        List<String> set = new ArrayList<>();
        set(set, source, "tool", "security.capability", CAPABILITY);
        set(set, source, "tool", "user.binary", binary);
        set(set, source, "d", "user.of-a-directory", "\n7 a=b\n".getBytes(StandardCharsets.UTF_8));
        set(set, source, "d/plain", "user.large", new byte[2000]);
        set(set, source, "d/plain", "user.ümlaut", new byte[] {'=', '\n', 0, '='});
        set(set, source, "d/listed", "system.posix_acl_access", ACL);
        set.add("again security.capability " + HexFormat.of().formatHex(CAPABILITY));
        set.add("again user.binary " + HexFormat.of().formatHex(binary));
        assertThat(attributes(source)).containsExactlyInAnyOrderElementsOf(set);
        sh(
                elsewhere,
                "mkdir tree && tar --format=pax --xattrs --xattrs-include='*' -C source -cf t.tar . "
                        + "&& tar -C tree --numeric-owner --xattrs --xattrs-include='*' -xpf t.tar");
        Path diff = unpacked(elsewhere.resolve("t.tar"));
        assertThat(attributes(elsewhere.resolve("tree"))).isEqualTo(attributes(source));
        assertThat(attributes(diff)).isEqualTo(attributes(source));
        assertThat(listing(diff)).isEqualTo(listing(elsewhere.resolve("tree")));
        ContainerId id = ContainerId.random();
        driver.create(id, List.of(Digest.of(Files.readAllBytes(elsewhere.resolve("t.tar")))));
        try (MountedRoot mounted = driver.mount(id)) {
            assertThat(mounted.root().xattr("again", "security.capability")).hasValue(CAPABILITY);
            assertThat(mounted.root().xattr("d", "user.of-a-directory")).isPresent();
        }
    }

    private void set(List<String> set, Path tree, String path, String name, byte[] value) throws IOException {
        syscalls.setxattr(tree.resolve(path).toString(), name, value);
        set.add(path + " " + name + " " + HexFormat.of().formatHex(value));
    }

    /** Every extended attribute in a tree: path, name, value. */
    private List<String> attributes(Path tree) throws IOException {
        List<String> all = new ArrayList<>();
        try (Stream<Path> paths = Files.walk(tree);
                ContainerRoot root = ContainerRoot.open(syscalls, tree.toString())) {
            for (Path path : paths.filter(path -> !Files.isSymbolicLink(path)).toList()) {
                String name = path.equals(tree) ? "." : tree.relativize(path).toString();
                for (String attribute : root.xattrs(name)) {
                    byte[] value = root.xattr(name, attribute).orElseThrow();
                    all.add(name + " " + attribute + " " + HexFormat.of().formatHex(value));
                }
            }
        }
        return all.stream().sorted().toList();
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
}
