package io.longshore.access;

import io.longshore.contracts.access.Credential;
import io.longshore.contracts.access.Identity;
import io.longshore.contracts.error.Failure;
import org.springframework.stereotype.Component;

/** Finds out who stands behind a credential. */
@Component
class Door {
    private final CredentialRepository credentials;

    Door(CredentialRepository credentials) {
        this.credentials = credentials;
    }

    /** Who it is; the refusal names the kind, never the value, which may be a secret. */
    Identity identify(Credential credential) {
        return credentials
                .findByKindAndShown(credential.kind(), credential.value())
                .map(KnownCredential::identity)
                .orElseThrow(() -> new Failure.Unauthenticated(
                        "nobody is known by this credential of kind \"" + credential.kind() + "\""));
    }
}
