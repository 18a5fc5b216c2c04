package io.longshore.image.registry;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.image.store.Attempts;
import io.longshore.oci.registry.call.RegistryError;
import java.time.Instant;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The logins for registries that a project keeps (Longshore's own API): used for what a client sends no login with. */
@RestController
@RequestMapping("/api/v1/registries")
class KeptLoginController {
    private final Registries registries;
    private final KeptLogins logins;

    KeptLoginController(Registries registries, KeptLogins logins) {
        this.registries = registries;
        this.logins = logins;
    }

    /**
     * What is told of a kept login: nothing secret.
     *
     * @param registry as it stands in references
     * @param username empty for a token that names nobody
     */
    record Told(String registry, String username, Instant keptAt) {
        static Told of(KeptLogin login) {
            return new Told(login.domain(), login.username(), login.keptAt());
        }
    }

    /** GET /api/v1/registries: all of the project, by their registries' names. */
    @GetMapping
    List<Told> list(Caller caller) {
        return logins.list(caller.project()).stream().map(Told::of).toList();
    }

    /** PUT /api/v1/registries/{registry}: keeps what {@code POST /auth} takes, if the registry takes it. */
    @PutMapping("/{registry}")
    Told keep(Caller caller, @PathVariable String registry, @RequestBody LoginHeader asked) {
        logins.key();
        RegistryAddress address = RegistryAddress.parse(registry);
        RegistryLogin login = asked.login();
        if (login == null || login.registryToken() != null) {
            throw new Failure.Invalid("username and password, or an identity token, are needed to keep a login");
        }
        RegistryLogin accepted = accepted(address, login);
        return Told.of(Attempts.of(() -> logins.keep(caller.project(), address.domain(), accepted)));
    }

    /** The login, with the token instead of the password where the registry gives one. */
    private RegistryLogin accepted(RegistryAddress registry, RegistryLogin login) {
        try {
            return registries
                    .tried(registry, login)
                    .map(token -> new RegistryLogin(login.username(), null, token, null))
                    .orElse(login);
        } catch (RegistryError e) {
            if (e.status() == 401 || e.status() == 403) {
                throw new Failure.Invalid(registry + " refuses the " + login + ": " + e.text(), e);
            }
            throw e;
        }
    }

    /** DELETE /api/v1/registries/{registry}. */
    @DeleteMapping("/{registry}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(Caller caller, @PathVariable String registry) {
        logins.remove(caller.project(), RegistryAddress.parse(registry).domain());
    }
}
