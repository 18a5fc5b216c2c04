package io.longshore.agent.graphdriver.overlay2;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.OwnLayerContract;
import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.oci.tar.TarLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Overlay2OwnLayerRootIT extends OwnLayerContract {
    @Override
    protected GraphDriver open(Path workDirectory, WalkMemory memory) throws IOException {
        return Overlay2GraphDriver.open(syscalls, workDirectory, TarLimits.DEFAULT, memory);
    }

    @Override
    protected Path mount(RootFs made) throws IOException {
        RootFs.Overlay overlay = (RootFs.Overlay) made;
        Path mounted = Files.createDirectory(work.resolve("mounted"));
        String lowers = String.join(
                ":",
                overlay.lower().stream()
                        .map(lower -> overlay.directory() + "/" + lower)
                        .toList());
        syscalls.mount(
                "overlay",
                mounted.toString(),
                "overlay",
                0,
                "lowerdir=" + lowers + ",upperdir=" + overlay.upper() + ",workdir=" + overlay.work());
        return mounted;
    }

    /** As Docker's overlay2 tells it, a whole tree before what comes after it. */
    @Test
    void tellsItInTheOrderOfNames() throws IOException {
        change();
        assertThat(changes())
                .extracting(told -> told.substring("M ".length()))
                .hasSize(11)
                .isSorted();
    }

    @AfterEach
    void unmount() throws IOException {
        syscalls.umount2(work.resolve("mounted").toString(), MountFlags.MNT_DETACH);
    }
}
