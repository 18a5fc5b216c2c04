package io.longshore.agent.graphdriver.overlay2;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.LayerUnpackContract;
import io.longshore.agent.graphdriver.MountedRoot;
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

class Overlay2GraphDriverRootIT extends LayerUnpackContract {
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
    void shortNamesAndMountsThatACrashLeavesAreSwept() throws IOException {
        unpack(BASE);
        List<String> before = everything();
        Path overlay = work.resolve("overlay2");
        Files.createSymbolicLink(overlay.resolve("l/AAAAAA"), Path.of("../" + "0".repeat(64) + "/diff"));
        Path left = Files.createDirectories(overlay.resolve("tmp-456/merged"));
        syscalls.mount("tmpfs", left.toString(), "tmpfs", 0, "size=4k");
        driver = open(work);
        assertThat(everything()).isEqualTo(before);
    }
}
