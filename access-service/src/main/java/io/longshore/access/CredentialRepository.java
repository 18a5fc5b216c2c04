package io.longshore.access;

import java.util.Optional;
import org.springframework.data.repository.Repository;

interface CredentialRepository extends Repository<KnownCredential, Long> {
    Optional<KnownCredential> findByKindAndShown(String kind, String shown);
}
