package io.longshore.image.registry;

import io.longshore.contracts.Caller;
import io.longshore.contracts.image.RegistriesApi;
import io.longshore.contracts.registry.RegistryAccess;
import org.springframework.web.bind.annotation.RestController;

/** How registries are reached, for GET /info. */
@RestController
class RegistriesController implements RegistriesApi {
    private final Registries registries;

    RegistriesController(Registries registries) {
        this.registries = registries;
    }

    @Override
    public RegistryAccess access(Caller caller) {
        return registries.access();
    }
}
