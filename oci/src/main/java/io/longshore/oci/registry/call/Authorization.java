package io.longshore.oci.registry.call;

import io.longshore.contracts.registry.RegistryLogin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What one registry is shown, once it has asked: nothing, user and password, or a token of the server that it names. A token that has
 * expired is replaced when the registry asks again. Thread-safe.
 */
final class Authorization {
    private final RegistryHost registry;
    private final @Nullable RegistryLogin login;
    private final List<String> scopes;
    private final Tokens tokens;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable String header;
    private volatile @Nullable String refreshToken;

    /** Asks a token server. */
    interface Tokens {
        TokenRequest.Token ask(TokenRequest request, @Nullable RegistryLogin login) throws IOException;
    }

    Authorization(RegistryHost registry, @Nullable RegistryLogin login, List<String> scopes, Tokens tokens) {
        this.registry = registry;
        this.login = registry.mirror() ? null : login;
        this.scopes = scopes;
        this.tokens = tokens;
        this.header = this.login == null || this.login.registryToken() == null
                ? null
                : "Bearer " + this.login.registryToken();
    }

    /** The value of the header to send, null for none. */
    @Nullable
    String header() {
        return header;
    }

    /** What a token server gave for later, instead of the password; null when it gave none. */
    @Nullable
    String refreshToken() {
        return refreshToken;
    }

    /**
     * The registry has refused what it was shown and told what it wants.
     *
     * @param shown the header that it refused
     * @return whether it is worth asking again
     */
    boolean challenged(List<Challenge> challenges, @Nullable String shown) throws IOException {
        lock.lock();
        try {
            String now = header;
            if (now != null && !now.equals(shown)) {
                return true; // Another request has answered meanwhile.
            }
            Optional<Challenge> bearer = Challenge.of(challenges, "bearer");
            if (bearer.isPresent() && (login == null || login.registryToken() == null)) {
                TokenRequest.Token token = tokens.ask(TokenRequest.of(bearer.get(), registry, scopes), login);
                header = "Bearer " + token.value();
                refreshToken = token.refreshToken();
                return true;
            }
            if (Challenge.of(challenges, "basic").isPresent() && shown == null) {
                if (login == null || login.username() == null) {
                    throw new NoCredentials();
                }
                header = basic(login);
                return true;
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** The registry wants user and password, and there are none. */
    static final class NoCredentials extends IOException {
        NoCredentials() {
            super("no basic auth credentials");
        }
    }

    static String basic(RegistryLogin login) {
        String pair = login.username() + ":" + (login.password() == null ? "" : login.password());
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }
}
