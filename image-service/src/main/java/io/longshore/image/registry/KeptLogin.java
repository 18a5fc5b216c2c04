package io.longshore.image.registry;

import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Version;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** As whom a project asks a registry when the client does not say; what is secret of it is sealed. */
@Entity
class KeptLogin {
    @EmbeddedId
    private KeptLoginKey key = new KeptLoginKey("", "");

    @Version
    private @Nullable Integer version;

    private String username = "";
    private byte[] sealed = {};
    private Instant keptAt = Instant.EPOCH;

    protected KeptLogin() {}

    KeptLogin(KeptLoginKey key) {
        this.key = key;
    }

    void keep(String username, byte[] sealed, Instant at) {
        this.username = username;
        this.sealed = sealed;
        this.keptAt = at;
    }

    String domain() {
        return key.domain();
    }

    /** Empty for a token that names nobody. */
    String username() {
        return username;
    }

    byte[] sealed() {
        return sealed;
    }

    Instant keptAt() {
        return keptAt;
    }
}
