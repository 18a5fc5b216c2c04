package io.longshore.image.registry;

import io.longshore.contracts.Caller;
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
    Told keep(Caller caller, @PathVariable String registry, @RequestBody AuthConfig asked) {
        return Told.of(registries.keep(caller, RegistryAddress.parse(registry), asked.required()));
    }

    /** DELETE /api/v1/registries/{registry}. */
    @DeleteMapping("/{registry}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(Caller caller, @PathVariable String registry) {
        registries.forget(caller, RegistryAddress.parse(registry));
    }
}
