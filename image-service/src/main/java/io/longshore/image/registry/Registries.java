package io.longshore.image.registry;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.image.store.Attempts;
import io.longshore.oci.registry.RegistryClient;
import io.longshore.oci.registry.call.RegistryError;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** How registries are reached, and as whom. Thread-safe. */
@Component
public class Registries {
    /** With which clients say as whom (Engine API, AuthConfig in base64url). */
    public static final String LOGIN_HEADER = "X-Registry-Auth";

    private final RegistryAccess access;
    private final KeptLogins kept;

    Registries(RegistryProperties properties, KeptLogins kept) {
        this.access = properties.access();
        this.kept = kept;
    }

    /** As it is configured. */
    public RegistryAccess access() {
        return access;
    }

    /**
     * As whom a caller asks a registry: as the client says, else as the project does.
     *
     * @param domain of a reference
     * @param header {@value #LOGIN_HEADER}, null for none
     * @return null for nobody
     */
    public @Nullable RegistryLogin login(Caller caller, String domain, @Nullable String header) {
        RegistryLogin given = AuthConfig.parse(header);
        return given != null ? given : kept.find(caller.project(), RegistryAddress.parse(domain));
    }

    /** Has a registry take a login or refuse it, and gives the token to show instead of a password, if it gives one. */
    Optional<String> tried(RegistryAddress registry, RegistryLogin login) {
        return RegistryClient.login(registry.domain(), access, login);
    }

    /**
     * Keeps a login, as it is given: a token that stands for it may end without anybody there to ask for another.
     *
     * @throws Failure.Invalid if the registry refuses it
     */
    KeptLogin keep(Caller caller, RegistryAddress registry, RegistryLogin login) {
        kept.requireKey();
        if (login.registryToken() != null) {
            throw new Failure.Invalid("a registry token ends soon: username and password, or an identity token, are"
                    + " needed to keep a login");
        }
        try {
            tried(registry, login);
        } catch (RegistryError e) {
            if (e.refusesLogin()) {
                throw new Failure.Invalid(registry + " refuses the " + login + ": " + e.text(), e);
            }
            throw e;
        }
        return Attempts.of(() -> kept.keep(caller.project(), registry, login));
    }

    /** Forgets the login for a registry; {@link Failure.NotFound} when none is kept. */
    void forget(Caller caller, RegistryAddress registry) {
        Attempts.of(() -> kept.remove(caller.project(), registry));
    }
}
