package io.longshore.agent.graphdriver.vfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.MountedRoot;
import io.longshore.agent.graphdriver.OwnLayerContract;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.oci.tar.TarLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class VfsOwnLayerRootIT extends OwnLayerContract {
    @Override
    protected GraphDriver open(Path workDirectory, WalkMemory memory) throws IOException {
        return VfsGraphDriver.open(syscalls, workDirectory, TarLimits.DEFAULT, memory);
    }

    @Override
    protected Path mount(RootFs made) {
        return Path.of(((RootFs.Directory) made).path());
    }

    @Test
    void aFileThatWasChangedAndLooksTheSameIsFound() throws IOException {
        Path file = root.resolve("etc/changed");
        FileTime modified = Files.getLastModifiedTime(file);
        FileTime above = Files.getLastModifiedTime(root.resolve("etc"));
        Files.writeString(file, "beFORE");
        Files.setLastModifiedTime(file, modified);
        assertThat(changes()).containsExactly("M /etc", "M /etc/changed");
        assertThat(driver.ownBytes(id, Duration.ofMinutes(1))).isEqualTo(6);
        Files.writeString(file, "before");
        Files.setLastModifiedTime(file, modified);
        assertThat(Files.getLastModifiedTime(root.resolve("etc"))).isEqualTo(above);
        assertThat(changes()).isEmpty();
        assertThat(driver.ownBytes(id, Duration.ofMinutes(1))).isZero();
    }

    @Test
    void anAttributeAloneIsAChange() throws IOException {
        Files.setAttribute(root.resolve("etc/kept"), "user:note", ByteBuffer.wrap(new byte[] {1}));
        assertThat(changes()).containsExactly("M /etc", "M /etc/kept");
        try (MountedRoot made = mounted(commit())) {
            assertThat(made.root().xattr("etc/kept", "user.note")).hasValue(new byte[] {1});
            assertThat(made.root().read("etc/kept", 10)).asString().isEqualTo("kept");
        }
    }

    @Test
    void aSecondNameOfAnImagesFileStaysOne() throws IOException {
        Files.createLink(root.resolve("second"), root.resolve("etc/kept"));
        assertThat(changes()).containsExactlyInAnyOrder("M /etc", "M /etc/kept", "A /second");
        try (MountedRoot made = mounted(commit())) {
            assertThat(made.root().status("second").orElseThrow().inode())
                    .isEqualTo(made.root().status("etc/kept").orElseThrow().inode());
        }
    }
}
