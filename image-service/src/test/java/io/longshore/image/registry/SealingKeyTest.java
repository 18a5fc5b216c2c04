package io.longshore.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealingKeyTest {
    @TempDir
    private Path directory;

    private SealingKey key(String name) {
        Path file = directory.resolve("keys").resolve(name);
        SealingKey.makeIfMissing(file);
        return SealingKey.read(file);
    }

    @Test
    void whatIsSealedOpensAtItsPlace() throws Exception {
        byte[] sealed = key("one").seal("pässword", "here");
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("ssword");
        assertThat(key("one").open(sealed, "here")).isEqualTo("pässword");
    }

    @Test
    void theSameTextIsNeverSealedTheSame() {
        SealingKey key = key("one");
        assertThat(key.seal("password", "here")).isNotEqualTo(key.seal("password", "here"));
    }

    @Test
    void nothingElseOpens() {
        byte[] sealed = key("one").seal("password", "here");
        refused(key("one"), sealed, "there");
        refused(key("another"), sealed, "here");
        refused(key("one"), new byte[] {1, 2, 3}, "here");
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            refused(key("one"), changed, "here");
        }
    }

    private static void refused(SealingKey key, byte[] sealed, String place) {
        assertThatThrownBy(() -> key.open(sealed, place)).isInstanceOf(AEADBadTagException.class);
    }

    @Test
    void aNewKeyIsForItsOwnerAlone() throws IOException {
        key("one");
        Path file = directory.resolve("keys/one");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwx------");
        assertThat(Files.readString(file)).hasSize(45);
    }

    @Test
    void aKeyThatIsThereStays() throws IOException {
        key("one");
        String before = Files.readString(directory.resolve("keys/one"));
        key("one");
        assertThat(directory.resolve("keys/one")).hasContent(before);
        assertThat(directory.resolve("keys")).isDirectoryContaining(file -> file.endsWith("one"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "c2hvcnQ=", "not base64!"})
    void whatIsNoKeyIsRefused(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("key"), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        refusedAtStart(file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r--r--", "rw--w----", "rw-----w-"})
    void aKeyThatOthersReadOrWriteIsRefused(String mode) throws IOException {
        key("one");
        Path file = directory.resolve("keys/one");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        refusedAtStart(file);
    }

    @Test
    void aMissingKeyIsRefused() {
        refusedAtStart(directory.resolve("nothing"));
    }

    private static void refusedAtStart(Path file) {
        assertThatThrownBy(() -> SealingKey.read(file))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("image.logins.key-file")
                .hasMessageContaining(file.toString());
    }
}
