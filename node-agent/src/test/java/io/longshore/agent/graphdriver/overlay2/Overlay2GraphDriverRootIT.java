package io.longshore.agent.graphdriver.overlay2;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.MountedRoot;
import io.longshore.agent.graphdriver.NativeGraphDriverContract;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.fixture.TestLayer;
import io.longshore.oci.tar.TarLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class Overlay2GraphDriverRootIT extends NativeGraphDriverContract {
    @Override
    protected GraphDriver open(Path workDirectory) throws IOException {
        return Overlay2GraphDriver.open(syscalls, workDirectory, TarLimits.DEFAULT, WalkMemory.ofHeap());
    }

    @Test
    void aHundredAndTwentyFiveLayersMount() throws IOException {
        List<byte[]> layers = new ArrayList<>();
        for (int i = 0; i < 125; i++) {
            layers.add(
                    new TestLayer().file("f" + i, "" + i).file("same", "" + i).tar());
        }
        ContainerId id = ContainerId.random();
        List<Digest> diffIds = unpack(layers.toArray(byte[][]::new));
        RootFs root = driver.create(id, diffIds);
        try (MountedRoot mounted = driver.mount(id)) {
            assertThat(read(mounted.root(), "same")).isEqualTo("124");
            assertThat(read(mounted.root(), "f0")).isEqualTo("0");
        }
        assertThat(root).isInstanceOfSatisfying(RootFs.Overlay.class, overlay -> {
            assertThat(overlay.lower())
                    .hasSize(126)
                    .allSatisfy(name -> assertThat(name).matches("l/[A-Z2-7]{6}"));
            String options = "lowerdir=" + String.join(":", overlay.lower()) + ",upperdir=" + overlay.upper()
                    + ",workdir=" + overlay.work();
            assertThat(options.length()).isLessThan(4096);
        });
    }

    @Test
    void whatACrashLeavesIsSwept() throws IOException {
        List<Digest> diffIds = unpack(BASE);
        driver.create(ContainerId.random(), diffIds);
        List<String> before = everything();
        Path overlay = work.resolve("overlay2");
        Path halfMade = Files.createDirectories(overlay.resolve("tmp-123/diff/a/b"));
        Files.writeString(halfMade.resolve("c"), "x");
        Files.createDirectories(overlay.resolve("0".repeat(64) + "/diff"));
        Files.createDirectories(overlay.resolve("0".repeat(64) + "-init/diff"));
        Files.createSymbolicLink(overlay.resolve("l/AAAAAA"), Path.of("../" + "0".repeat(64) + "/diff"));
        Files.writeString(work.resolve("layers/x.json.tmp"), "{");
        Path left = Files.createDirectories(overlay.resolve("tmp-456/merged"));
        syscalls.mount("tmpfs", left.toString(), "tmpfs", 0, "size=4k");
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
                work.resolve("overlay2/containers/" + deep + "/diff").toString(), OpenFlags.O_PATH, 0);
        for (int level = 0; level < 1500; level++) {
            try (Fd above = at) {
                syscalls.mkdirat(above, "a", 0755);
                at = syscalls.openat2(above, "a", OpenFlags.O_PATH, 0, 0);
            }
        }
        at.close();
        driver.remove(deep);
        assertThat(everything()).isEqualTo(before);
        Path stuck = Files.createDirectories(work.resolve("overlay2/tmp-789/diff"));
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
