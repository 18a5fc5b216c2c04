package io.longshore.access;

import io.longshore.contracts.Caller;
import io.longshore.contracts.access.AccessApi;
import io.longshore.contracts.access.Credential;
import io.longshore.contracts.access.Identity;
import org.springframework.web.bind.annotation.RestController;

@RestController
class AccessController implements AccessApi {
    private final Door door;

    AccessController(Door door) {
        this.door = door;
    }

    @Override
    public Identity identify(Caller caller, Credential credential) {
        return door.identify(credential);
    }
}
