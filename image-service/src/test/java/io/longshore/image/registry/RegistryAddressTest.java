package io.longshore.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryAddressTest {
    @ParameterizedTest
    @CsvSource({
        "https://index.docker.io/v1/, docker.io",
        "registry-1.docker.io, docker.io",
        "docker.io, docker.io",
        "http://registry.example/v2/, registry.example",
        "127.0.0.1:5000, 127.0.0.1:5000",
        "localhost, localhost",
        "Registry.Example:5000, registry.example:5000",
        "Keeper, keeper:443",
        "keeper, keeper:443"
    })
    void asClientsWriteIt(String address, String domain) {
        assertThat(RegistryAddress.parse(address)).hasToString(domain);
    }

    @Test
    void nothingIsDockersOwn() {
        assertThat(RegistryAddress.parse(null)).hasToString("docker.io");
        assertThat(RegistryAddress.parse("")).hasToString("docker.io");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a b.example", "user@registry.example", "registry.example:port", "-.example", "a.example?x"})
    void whatNoReferenceBeginsWithIsInvalid(String address) {
        assertThatThrownBy(() -> RegistryAddress.parse(address)).isInstanceOf(Failure.Invalid.class);
    }
}
