package io.longshore.contracts.registry;

import org.jspecify.annotations.Nullable;

/**
 * Who a registry is asked as (Engine API, AuthConfig). Its text never shows the secrets.
 *
 * @param username with {@code password}
 * @param password of the user
 * @param identityToken for which the registry's token server gives tokens, instead of user and password
 * @param registryToken sent as it is, instead of all others
 */
public record RegistryLogin(
        @Nullable String username,
        @Nullable String password,
        @Nullable String identityToken,
        @Nullable String registryToken) {
    @Override
    public String toString() {
        return "login of " + (username == null ? "a token" : username);
    }
}
