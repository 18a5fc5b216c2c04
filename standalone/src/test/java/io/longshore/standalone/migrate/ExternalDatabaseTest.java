package io.longshore.standalone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.platform.run.StartFailure;
import io.longshore.postgres.Provisioning.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalDatabaseTest {
    private static final List<String> SCHEMAS = List.of("image");

    @TempDir
    Path work;

    @Test
    void isReadAsItWasWritten() throws IOException {
        assertThat(ExternalDatabase.chosen(work)).isFalse();
        ExternalDatabase written = new ExternalDatabase(
                "jdbc:postgresql://h:1/dü?sslrootcert=C:\\x=#! y", Map.of("image", new Role("r", "p\\w", "image")));
        written.write(work);
        assertThat(ExternalDatabase.chosen(work)).isTrue();
        assertThat(ExternalDatabase.read(work, SCHEMAS)).isEqualTo(written);
        assertThat(written.toString()).doesNotContain("p\\w");
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        Path file = work.resolve("database.properties");
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, "database.url=jdbc:postgresql://h/d\nimage.user=r\n");
        assertThatThrownBy(() -> ExternalDatabase.read(work, SCHEMAS))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining(file + " has no image.password");
        Files.writeString(file, "image.user=\\u00zz");
        assertThatThrownBy(() -> ExternalDatabase.read(work, SCHEMAS))
                .isInstanceOf(StartFailure.class)
                .hasMessageStartingWith("cannot read " + file);
    }

    @Test
    void passwordsThatOthersCanReadAreRefused() throws IOException {
        new ExternalDatabase("jdbc:postgresql://h/d", Map.of("image", new Role("r", "p", "image"))).write(work);
        Path file = ExternalDatabase.file(work);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> ExternalDatabase.read(work, SCHEMAS))
                .isInstanceOf(StartFailure.class)
                .hasMessage(file + " holds passwords and is open to others: chmod 600 it");
    }
}
