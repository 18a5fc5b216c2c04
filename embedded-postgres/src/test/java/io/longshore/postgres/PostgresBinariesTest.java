package io.longshore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class PostgresBinariesTest {
    @TempDir
    Path directory;

    private PostgresSettings settings(Duration deadline) {
        return new PostgresSettings(directory, directory.resolve("own"), Optional.empty(), true, deadline);
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> entries = Files.list(directory.resolve("own"))) {
            return entries.toList();
        }
    }

    @Test
    void damagedBinariesAreUnpackedAgainAndUnfinishedOnesRemoved() throws IOException {
        PostgresSettings settings = settings(Duration.ofSeconds(60));
        Path home = PostgresBinaries.unpack(settings);
        Object unpacked = Files.getAttribute(home, "unix:ino");
        assertThat(PostgresBinaries.unpack(settings)).isEqualTo(home);
        assertThat(Files.getAttribute(home, "unix:ino"))
                .as("whole binaries are not unpacked again")
                .isEqualTo(unpacked);
        Files.delete(home.resolve("bin/initdb"));
        Path cutOff = Files.createDirectories(directory.resolve("own/unpacking-1/bin"));
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.createSymbolicLink(cutOff.resolve("link"), outside);
        Files.writeString(outside.resolve("file"), "kept");
        assertThat(PostgresBinaries.unpack(settings)).isEqualTo(home);
        assertThat(home.resolve("bin/initdb")).isExecutable();
        assertThat(outside.resolve("file")).hasContent("kept");
        assertThat(entries()).containsExactlyInAnyOrder(home, directory.resolve("own/unpack.lock"));
    }

    @Test
    void unpackingThatFailsLeavesNothing() throws IOException {
        // Nothing is unpacked in no time.
        assertThatThrownBy(() -> PostgresBinaries.unpack(settings(Duration.ZERO)))
                .isInstanceOf(PostgresFailure.class)
                .hasMessageContaining("cannot unpack PostgreSQL into " + directory.resolve("own"))
                .hasMessageContaining("cannot flush");
        assertThat(entries()).containsExactly(directory.resolve("own/unpack.lock"));
    }

    @Test
    void aDirectoryThatOthersMayWriteToIsRefused() throws IOException {
        Path own = Files.createDirectory(directory.resolve("own"));
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwx--x"));
        assertThatThrownBy(() -> PostgresBinaries.unpack(settings(Duration.ofSeconds(60))))
                .isInstanceOf(PostgresFailure.class)
                .hasMessageContaining("PostgreSQL's programs cannot be in " + own)
                .hasMessageContaining("rwxrwx--x");
        assertThat(entries()).isEmpty();
    }
}
