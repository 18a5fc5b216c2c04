package io.longshore.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkDirectoryTest {
    @TempDir
    Path directory;

    @Test
    void secondOnTheSameDirectoryIsRefused() throws IOException {
        Path root = directory.resolve("work");
        try (WorkDirectory work = WorkDirectory.open(root, null)) {
            assertThat(work.root().resolve("longshore.pid"))
                    .hasContent(Long.toString(ProcessHandle.current().pid()));
            assertThatThrownBy(() -> WorkDirectory.open(root, null))
                    .isInstanceOf(StartFailure.class)
                    .hasMessage("Longshore runs already on " + root + " (process "
                            + ProcessHandle.current().pid() + "): stop it with ./longshore down");
        }
        assertThat(root.resolve("longshore.pid")).doesNotExist();
        WorkDirectory.open(root, null).close();
    }

    @Test
    void othersMayPassThroughAtMost() throws IOException {
        Path root = directory.resolve("work");
        WorkDirectory.open(root, null).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root)))
                .isEqualTo("rwx--x---");
    }

    @Test
    void directoryThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> WorkDirectory.open(file.resolve("work"), null))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining(file.resolve("work").toString());
        assertThatThrownBy(() -> WorkDirectory.open(directory.resolve("other"), "no-such-group"))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("no-such-group");
    }
}
