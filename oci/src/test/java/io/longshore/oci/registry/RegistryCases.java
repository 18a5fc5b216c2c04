package io.longshore.oci.registry;

import static io.longshore.oci.fixture.HostileRegistry.send;

import com.sun.net.httpserver.HttpExchange;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.oci.fixture.HostileRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** Cases with a registry that answers as they say, and with another one. */
abstract class RegistryCases {
    static final RegistryLogin LOGIN = new RegistryLogin("keeper", "secret", null, null);
    static final String BASIC =
            "Basic " + Base64.getEncoder().encodeToString("keeper:secret".getBytes(StandardCharsets.UTF_8));
    static final String CONFIG =
            "{\"schemaVersion\":2,\"config\":{\"digest\":\"sha256:" + "a".repeat(64) + "\",\"size\":2},\"layers\":[]}";

    final HostileRegistry registry = new HostileRegistry();
    final HostileRegistry other = new HostileRegistry();

    @AfterEach
    void stop() {
        registry.close();
        other.close();
    }

    RegistryClient client(@Nullable RegistryLogin login, RegistryAccess access) {
        return RegistryClient.reading(registry.host(), "app", access, login);
    }

    RegistryClient client() {
        return client(null, access(List.of(), List.of()));
    }

    static RegistryAccess access(List<String> mirrors, List<String> trusted) {
        return new RegistryAccess(List.of(), mirrors, trusted, "/nonexistent", 1);
    }

    void basic(HttpExchange exchange) throws IOException {
        boolean right = BASIC.equals(exchange.getRequestHeaders().getFirst("Authorization"));
        Map<String, String> challenge = Map.of("WWW-Authenticate", "Basic realm=\"keepers\"");
        send(exchange, right ? 200 : 401, right ? Map.of() : challenge, new byte[0]);
    }
}
