package io.longshore.agent.graphdriver.vfs;

import static io.longshore.agent.linux.path.Names.names;
import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.LayerUnpackContract;
import io.longshore.agent.graphdriver.MountedRoot;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.fixture.TestLayer;
import io.longshore.oci.tar.TarLimits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class VfsGraphDriverRootIT extends LayerUnpackContract {
    @Override
    protected GraphDriver open(Path workDirectory) throws IOException {
        return VfsGraphDriver.open(syscalls, workDirectory, TarLimits.DEFAULT, WalkMemory.ofHeap());
    }

    private Path layer(Digest chainId) {
        return work.resolve("vfs").resolve(chainId.hex()).resolve("diff");
    }

    @Test
    void eachLayerIsWholeAndItsOwn() throws IOException {
        byte[] base = new TestLayer()
                .directory("d/", 0750)
                .file("d/one", 04711, "1".getBytes(StandardCharsets.UTF_8))
                .hardLink("d/two", "d/one")
                .attributed("capable", "x", Map.of("user.a", "b"))
                .symlink("link", "/etc/passwd")
                .fifo("pipe")
                .directory("dev/", 0755)
                .character("dev/null", 1, 3)
                .tar();
        byte[] upper = new TestLayer().file("d/.wh.one", "").file("new", "n").tar();
        unpack(base, upper);
        Path top = layer(driver.layers().getLast().chainId());
        try (ContainerRoot under =
                        ContainerRoot.open(syscalls, layer(Digest.of(base)).toString());
                ContainerRoot over = ContainerRoot.open(syscalls, top.toString())) {
            assertThat(names(over, "")).containsExactlyInAnyOrder("d", "capable", "link", "pipe", "dev", "new");
            assertThat(names(over, "d")).containsExactly("two");
            assertThat(names(under, "d")).containsExactlyInAnyOrder("one", "two");
            FileStatus before = under.status("d/two").orElseThrow();
            FileStatus copied = over.status("d/two").orElseThrow();
            assertThat(copied.inode()).isNotEqualTo(before.inode());
            assertThat(copied.mode()).isEqualTo(before.mode());
            assertThat(copied.modified()).isEqualTo(TestLayer.MODIFIED);
            assertThat(over.status("d").orElseThrow().permissions()).isEqualTo(0750);
            assertThat(over.xattr("capable", "user.a")).hasValue("b".getBytes(StandardCharsets.UTF_8));
            assertThat(over.target("link")).isEqualTo("/etc/passwd");
            assertThat(over.status("pipe")).isPresent();
            assertThat(over.status("dev/null").orElseThrow().rdev()).isEqualTo(FileStatus.device(1, 3));
        }
    }

    @Test
    void hardLinksHolesAndCapabilitiesComeIntoAContainer() throws IOException, InterruptedException {
        Path source = Files.createDirectory(elsewhere.resolve("holes"));
        sh(source, """
                set -e
                truncate -s 64M sparse; printf x | dd of=sparse bs=1 seek=33554432 conv=notrunc 2>/dev/null
                echo e > tool
                ln tool again
                """);
        syscalls.setxattr(source.resolve("tool").toString(), "security.capability", CAPABILITY);
        sh(elsewhere, "tar -C holes --xattrs --xattrs-include='*' --format=pax -cf holes.tar .");
        byte[] tar = Files.readAllBytes(elsewhere.resolve("holes.tar"));
        Digest base = driver.unpack(null, Digest.of(tar), stream(tar)).chainId();
        Path sparse = layer(base).resolve("sparse");
        sh(
                elsewhere,
                "fallocate --dig-holes " + sparse); // an archive's zeros are written; the copies keep what the file has
        ContainerId id = ContainerId.random();
        Path root = Path.of(((RootFs.Directory) driver.create(id, List.of(Digest.of(tar)))).path());
        try (MountedRoot mounted = driver.mount(id)) {
            FileStatus status = mounted.root().status("sparse").orElseThrow();
            assertThat(status.size()).isEqualTo(64 << 20);
            assertThat(status.blocks() * 512).isLessThan(1 << 20);
            assertThat(mounted.root().status("again").orElseThrow().inode())
                    .isEqualTo(mounted.root().status("tool").orElseThrow().inode());
            assertThat(mounted.root().xattr("tool", "security.capability").orElseThrow())
                    .isEqualTo(CAPABILITY);
        }
        assertThat(Files.mismatch(sparse, root.resolve("sparse"))).isEqualTo(-1);
    }

    @Test
    void aCopyThatACrashCutOffIsMadeAnew() throws IOException {
        List<Digest> diffIds = unpack(BASE);
        driver.create(ContainerId.random(), diffIds);
        List<String> before = everything();
        Path vfs = work.resolve("vfs");
        ContainerId cut = ContainerId.random();
        Path half = Files.createDirectories(vfs.resolve("containers/" + cut + "/diff/etc"));
        Files.writeString(half.resolve("a"), "12");
        Files.writeString(half.resolve("of no image"), "");
        driver = open(work);
        assertThat(driver.containers()).contains(cut);
        Path root = Path.of(((RootFs.Directory) driver.create(cut, diffIds)).path());
        assertThat(root.resolve("etc/a")).hasContent("12345");
        assertThat(root.resolve("etc/of no image")).doesNotExist();
        driver.remove(cut);
        assertThat(everything()).isEqualTo(before);
    }

    /** Where overlay2 cannot be: no mark of a deleted file may be made there. */
    @Test
    void itStandsOnAnOverlay() throws IOException {
        Path tmpfs = Files.createDirectory(elsewhere.resolve("tmpfs"));
        syscalls.mount("tmpfs", tmpfs.toString(), "tmpfs", 0, "size=10m");
        try {
            Path on = Files.createDirectory(tmpfs.resolve("on"));
            String layers = "lowerdir=" + Files.createDirectory(tmpfs.resolve("lower")) + ",upperdir="
                    + Files.createDirectory(tmpfs.resolve("upper")) + ",workdir="
                    + Files.createDirectory(tmpfs.resolve("work"));
            syscalls.mount("overlay", on.toString(), "overlay", 0, layers);
            try {
                driver = open(on);
                byte[] base = new TestLayer()
                        .directory("d/", 0755)
                        .file("d/old", "old")
                        .file("gone", "x")
                        .tar();
                byte[] upper = new TestLayer()
                        .file(".wh.gone", "")
                        .file("d/.wh..wh..opq", "")
                        .file("d/new", "new")
                        .tar();
                ContainerId id = ContainerId.random();
                Path root = Path.of(((RootFs.Directory) driver.create(id, unpack(base, upper))).path());
                assertThat(root.resolve("gone")).doesNotExist();
                assertThat(root.resolve("d")).isDirectoryNotContaining("glob:**/old");
                assertThat(root.resolve("d/new")).hasContent("new");
                Files.delete(root.resolve("d/new"));
                List<String> changes = new ArrayList<>();
                driver.changes(id, (kind, path) -> changes.add(kind + " " + path));
                assertThat(changes).containsExactly("MODIFIED /d", "DELETED /d/new");
            } finally {
                syscalls.umount2(on.toString(), 0);
            }
        } finally {
            syscalls.umount2(tmpfs.toString(), 0);
        }
    }

    @Test
    void twoWhoMakeOneContainerGetOne() throws Exception {
        List<Digest> diffIds = unpack(BASE, UPPER);
        ContainerId id = ContainerId.random();
        try (var pool = Executors.newFixedThreadPool(4)) {
            Callable<RootFs> make = () -> driver.create(id, diffIds);
            for (var made : pool.invokeAll(List.of(make, make, make, make))) {
                assertThat(made.get()).isEqualTo(driver.rootfs(id));
            }
        }
        try (MountedRoot mounted = driver.mount(id)) {
            assertThat(read(mounted.root(), "b")).isEqualTo("123");
        }
    }
}
