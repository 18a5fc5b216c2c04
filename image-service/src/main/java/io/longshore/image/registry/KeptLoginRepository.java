package io.longshore.image.registry;

import java.util.List;
import java.util.Optional;
import org.springframework.data.repository.Repository;

/** Kept logins by project and registry. */
interface KeptLoginRepository extends Repository<KeptLogin, KeptLoginKey> {
    KeptLogin save(KeptLogin login);

    void delete(KeptLogin login);

    Optional<KeptLogin> findById(KeptLoginKey key);

    List<KeptLogin> findByKeyProjectOrderByKeyDomain(String project);

    long countByKeyProject(String project);
}
