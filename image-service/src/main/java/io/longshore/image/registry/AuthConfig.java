package io.longshore.image.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.platform.web.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * As whom a registry is to be asked, as clients say it: JSON (Engine API, AuthConfig), in a header as base64url (RFC 4648, 5).
 *
 * @param auth user and password as base64 of {@code user:password}, instead of the two
 */
record AuthConfig(
        @Nullable String username,
        @Nullable String password,
        @Nullable String auth,
        @JsonProperty("serveraddress") @Nullable String serverAddress,
        @JsonProperty("identitytoken") @Nullable String identityToken,
        @JsonProperty("registrytoken") @Nullable String registryToken) {
    /** The header's login, null for none, as JSON's null is, too; {@link Failure.Invalid} when it is no such thing. */
    static @Nullable RegistryLogin parse(@Nullable String header) {
        if (header == null || header.isEmpty()) {
            return null;
        }
        try {
            byte[] json = decoder(header).decode(header);
            // docker-java writes null where nobody has logged in.
            @Nullable AuthConfig read = Json.mapper().readValue(json, AuthConfig.class);
            return read == null ? null : read.login();
        } catch (IllegalArgumentException | JacksonException e) {
            throw new Failure.Invalid(
                    "invalid " + Registries.LOGIN_HEADER + " header: it must be JSON in base64url", e);
        }
    }

    private static Base64.Decoder decoder(String text) {
        return text.indexOf('+') >= 0 || text.indexOf('/') >= 0 ? Base64.getDecoder() : Base64.getUrlDecoder();
    }

    /** The login of a request that is about one; {@link Failure.Invalid} when it names nobody, or not how they are known. */
    RegistryLogin required() {
        @Nullable RegistryLogin login;
        try {
            login = login();
        } catch (IllegalArgumentException e) {
            throw new Failure.Invalid("invalid login: auth must be user:password in base64", e);
        }
        if (login == null
                || (login.password() == null && login.identityToken() == null && login.registryToken() == null)) {
            throw new Failure.Invalid("username and password, or an identity token, are needed to log in");
        }
        return login;
    }

    /** The login, null when it names nobody. */
    private @Nullable RegistryLogin login() {
        if (given(registryToken) != null || given(identityToken) != null) {
            return new RegistryLogin(given(username), given(password), given(identityToken), given(registryToken));
        }
        if (given(username) != null) {
            return new RegistryLogin(username, password, null, null);
        }
        if (auth == null || auth.isEmpty()) {
            return null;
        }
        String pair = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
        int colon = pair.indexOf(':');
        return colon <= 0 ? null : new RegistryLogin(pair.substring(0, colon), pair.substring(colon + 1), null, null);
    }

    private static @Nullable String given(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    @Override
    public String toString() {
        return "login of " + (username == null ? "somebody" : username);
    }
}
