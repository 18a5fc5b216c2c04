package io.longshore.image.registry;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.platform.web.Json;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** The logins that projects keep. Thread-safe. */
@Component
class KeptLogins {
    /** More registries than a project has; they are listed whole. */
    private static final int MOST = 256;

    private final KeptLoginRepository logins;
    private final @Nullable SealingKey key;

    KeptLogins(KeptLoginRepository logins, LoginProperties properties) {
        this.logins = logins;
        this.key = properties.keyFile() == null ? null : SealingKey.read(properties.keyFile());
    }

    /** The project's login for a registry; null when it keeps none. */
    @Transactional(readOnly = true)
    @Nullable
    RegistryLogin find(String project, RegistryAddress registry) {
        KeptLoginKey place = new KeptLoginKey(project, registry.domain());
        KeptLogin found = logins.findById(place).orElse(null);
        if (found == null) {
            return null;
        }
        try {
            return Json.mapper().readValue(requireKey().open(found.sealed(), text(place)), RegistryLogin.class);
        } catch (AEADBadTagException e) {
            throw new Failure.Internal(
                    "the kept login for " + registry
                            + " was sealed with another key than that of image.logins.key-file:"
                            + " bring that key back, or keep the login again",
                    e);
        }
    }

    @Transactional(readOnly = true)
    List<KeptLogin> list(String project) {
        return logins.findByKeyProjectOrderByKeyDomain(project);
    }

    /** Keeps a login, instead of what was kept for the registry. */
    @Transactional
    KeptLogin keep(String project, RegistryAddress registry, RegistryLogin login) {
        KeptLoginKey place = new KeptLoginKey(project, registry.domain());
        KeptLogin kept = logins.findById(place).orElse(null);
        if (kept == null && logins.countByKeyProject(project) >= MOST) {
            throw new Failure.Conflict("logins for " + MOST + " registries are kept already: remove one before");
        }
        KeptLogin changed = kept == null ? new KeptLogin(place) : kept;
        changed.keep(
                Objects.requireNonNullElse(login.username(), ""),
                requireKey().seal(Json.mapper().writeValueAsString(login), text(place)),
                Instant.now().truncatedTo(ChronoUnit.MILLIS));
        return logins.save(changed);
    }

    /** Removes a login, and gives what it was; {@link Failure.NotFound} when none is kept. */
    @Transactional
    KeptLogin remove(String project, RegistryAddress registry) {
        KeptLogin kept = logins.findById(new KeptLoginKey(project, registry.domain()))
                .orElseThrow(() -> new Failure.NotFound("no login is kept for " + registry));
        logins.delete(kept);
        return kept;
    }

    /** What they are sealed with; {@link Failure.Unavailable} when there is no such key. */
    SealingKey requireKey() {
        if (key == null) {
            throw new Failure.Unavailable("logins are not kept here: set image.logins.key-file, the same key for every"
                    + " image-service, and start them again");
        }
        return key;
    }

    private static String text(KeptLoginKey place) {
        return place.project() + "\0" + place.domain();
    }
}
