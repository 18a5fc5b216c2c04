package io.longshore.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a work directory asks of a disk, on small file systems of the test's own. */
class WorkDirectoryRootIT {
    private Path disk;

    @BeforeEach
    void makeMountPoint() throws IOException {
        disk = Files.createTempDirectory("longshore-disk-");
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", disk.toString());
        Files.delete(disk);
    }

    @Test
    void aNewOneNeedsRoomToStartWith() throws Exception {
        mount(400);
        assertThatThrownBy(() -> WorkDirectory.open(disk, null))
                .isInstanceOf(StartFailure.class)
                .hasMessageMatching("the disk of " + disk + " is full: (399|400) MB are free, 512 MB are needed;.*");
    }

    @Test
    void oneWithDataStartsWithAWarningWhenItIsNearlyFull() throws Exception {
        mount(400);
        Files.createDirectory(disk.resolve("postgres"));
        try (WorkDirectory work = WorkDirectory.open(disk, null)) {
            assertThat(work.warning()).contains(disk.toString(), "nearly full", "MB are free");
        }
    }

    @Test
    void oneWithDataIsRefusedWhenItsDatabaseCouldNotWrite() throws Exception {
        mount(20);
        Files.createDirectory(disk.resolve("postgres"));
        assertThatThrownBy(() -> WorkDirectory.open(disk, null))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("48 MB are needed; make room");
    }

    @Test
    void withRoomThereIsNothingToSay() throws Exception {
        mount(600);
        try (WorkDirectory work = WorkDirectory.open(disk, null)) {
            assertThat(work.warning()).isNull();
        }
    }

    private void mount(int megabytes) throws Exception {
        run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m,mode=700", "test", disk.toString());
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0)
                .as("%s: %s", List.of(command), said)
                .isTrue();
    }
}
