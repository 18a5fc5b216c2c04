package io.longshore.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.oci.ImageReference;
import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SystemRegistryTest {
    private static final RegistryProperties REGISTRIES = new RegistryProperties(null, null, null, null, null);

    @TempDir
    Path directory;

    private static SystemRegistry at(@Nullable String address) {
        return new SystemRegistry(new SystemRegistryProperties(address, null, null), REGISTRIES);
    }

    @Test
    void thereIsNoneByDefault() {
        assertThat(at(null).isConfigured()).isFalse();
        assertThat(at(" ").isConfigured()).isFalse();
        assertThat(at(null).address()).isEmpty();
    }

    @Test
    void anAddressMayHaveTheBeginningOfNames() {
        ImageReference plain = at("registry.example:5000").repository("shop");
        assertThat(plain.domain()).isEqualTo("registry.example:5000");
        assertThat(plain.path()).isEqualTo("longshore/shop");
        assertThat(at("localhost/fleet/one").repository("shop").name()).isEqualTo("localhost/fleet/one/longshore/shop");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "registry",
                "registry/fleet",
                "https://registry.example",
                "registry.example/Fleet",
                "registry.example/",
                "registry.example:5000:1",
                "Registry.example/a b"
            })
    void whatIsNoAddressIsRefused(String address) {
        assertThatThrownBy(() -> at(address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("image.system-registry.address: \"" + address + "\"");
    }

    @Test
    void projectsThatAreNoNamesThereAreWrittenAsSuchAndStayApart() {
        assertThat(SystemRegistry.component("team-1.web")).isEqualTo("team-1.web");
        assertThat(SystemRegistry.component("Team One")).matches("team-one__[0-9a-f]{12}");
        assertThat(SystemRegistry.component("Team One")).isNotEqualTo(SystemRegistry.component("team one"));
        assertThat(SystemRegistry.component("team__one")).matches("team-one__[0-9a-f]{12}");
        assertThat(SystemRegistry.component("...")).matches("project__[0-9a-f]{12}");
        assertThat(SystemRegistry.component("a".repeat(300))).hasSize(54);
        for (String project : new String[] {"Team One", "team__one", "...", "ÄÖ", "-x-", "a".repeat(65)}) {
            assertThat(at("registry.example").repository(project).path())
                    .isEqualTo("longshore/" + SystemRegistry.component(project));
        }
    }

    @Test
    void aPasswordIsInAFileThatOthersCannotRead() throws IOException {
        Path file = Files.writeString(directory.resolve("password"), "secret\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        SystemRegistryProperties properties = new SystemRegistryProperties("localhost", "keeper", file);
        assertThat(new SystemRegistry(properties, REGISTRIES).login())
                .satisfies(login -> assertThat(login.password()).isEqualTo("secret"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> new SystemRegistry(properties, REGISTRIES))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("others may read or write " + file);
        Files.delete(file);
        assertThatThrownBy(() -> new SystemRegistry(properties, REGISTRIES))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("cannot read " + file);
        assertThatThrownBy(() -> new SystemRegistryProperties("localhost", "keeper", null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("username and password-file belong together");
        assertThatThrownBy(() -> new SystemRegistryProperties("localhost", "keeper", Path.of("password")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not an absolute path");
    }
}
