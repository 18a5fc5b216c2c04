package io.longshore.image.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.oci.registry.call.RegistryError;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Whether a registry takes a login (Engine API: SystemAuth). */
@RestController
class AuthController {
    private final Registries registries;

    AuthController(Registries registries) {
        this.registries = registries;
    }

    /** What a login came to. */
    record LoggedIn(
            @JsonProperty("IdentityToken") String identityToken,
            @JsonProperty("Status") String status) {}

    /** POST /auth. Nothing of it is kept: the client sends what it has with each request. */
    @PostMapping("/auth")
    LoggedIn auth(Caller caller, @RequestBody AuthConfig asked) {
        RegistryAddress registry = RegistryAddress.parse(asked.serverAddress());
        try {
            return new LoggedIn(registries.tried(registry, asked.required()).orElse(""), "Login Succeeded");
        } catch (RegistryError e) {
            if (e.refusesLogin()) {
                throw new Failure.Unauthenticated(
                        "login attempt to " + registry + " failed with status: " + e.status() + ": " + e.text(), e);
            }
            throw e;
        }
    }
}
