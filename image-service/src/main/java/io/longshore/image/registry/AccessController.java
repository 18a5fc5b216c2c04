package io.longshore.image.registry;

import io.longshore.contracts.Caller;
import io.longshore.contracts.registry.RegistriesApi;
import io.longshore.contracts.registry.RegistryAccess;
import org.springframework.web.bind.annotation.RestController;

/** How registries are reached, for GET /info. */
@RestController
class AccessController implements RegistriesApi {
    private final Registries registries;

    AccessController(Registries registries) {
        this.registries = registries;
    }

    @Override
    public RegistryAccess access(Caller caller) {
        return registries.access();
    }
}
