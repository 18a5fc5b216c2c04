package io.longshore.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.platform.web.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthConfigTest {
    private static @Nullable RegistryLogin parse(String json) {
        return AuthConfig.parse(Base64.getUrlEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8)));
    }

    /** What clients write where nobody has logged in; docker-java writes null. */
    @ParameterizedTest
    @ValueSource(strings = {"null", "{}", "{\"username\": \"\"}", "{\"username\": null, \"email\": null}"})
    void nobody(String json) {
        assertThat(parse(json)).isNull();
        assertThat(AuthConfig.parse("")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"username\": \"me\", \"password\": \"secret\"}", "{\"auth\": \"bWU6c2VjcmV0\"}"})
    void aUser(String json) {
        assertThat(parse(json)).isEqualTo(new RegistryLogin("me", "secret", null, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "5", "{", "{\"auth\": \"?\"}"})
    void whatIsNoLoginIsInvalid(String json) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("X-Registry-Auth");
    }

    @Test
    void neitherIsWhatIsNotBase64() {
        assertThatThrownBy(() -> AuthConfig.parse("{}")).isInstanceOf(Failure.Invalid.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{\"username\": \"me\"}", "{\"username\": \"me\", \"password\": null}", "{\"auth\": \"?\"}"
            })
    void aLoginThatIsAskedForHasToBeWhole(String json) {
        AuthConfig given = Json.mapper().readValue(json, AuthConfig.class);
        assertThatThrownBy(given::required).isInstanceOf(Failure.Invalid.class);
        assertThat(Json.mapper()
                        .readValue("{\"username\": \"me\", \"password\": \"secret\"}", AuthConfig.class)
                        .required())
                .isEqualTo(new RegistryLogin("me", "secret", null, null));
    }
}
