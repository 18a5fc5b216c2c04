package io.longshore.standalone.join;

import io.longshore.contracts.fleet.JoinToken;
import io.longshore.platform.client.Address;
import io.longshore.platform.identity.PartIdentity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of {@code ./longshore join}.
 *
 * @param token that lets the machine in
 * @param server where fleet-service listens for other machines
 * @param name of the node; null for the machine's host name
 * @param listen where the agent is to listen, HOST:PORT; null for the address by which the server is reached
 * @param address where other machines reach the agent, {@code https://HOST:PORT}; null if that is where it listens
 */
record JoinOptions(
        JoinToken token,
        Address server,
        @Nullable String name,
        @Nullable String listen,
        @Nullable String address) {
    private static final List<String> KNOWN =
            List.of("--token", "--server", "--name", "--listen", "--address", "--config");

    /** Reads them; {@link IllegalArgumentException} says what is wrong. */
    static JoinOptions parse(List<String> arguments) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String[] option = arguments.get(i).split("=", 2);
            if (!KNOWN.contains(option[0])) {
                throw new IllegalArgumentException("join: unknown argument " + option[0] + "; there are " + KNOWN);
            }
            if (option.length == 1 && i + 1 == arguments.size()) {
                throw new IllegalArgumentException("join: " + option[0] + " needs a value");
            }
            given.put(option[0], option.length == 2 ? option[1] : arguments.get(++i));
        }
        return new JoinOptions(
                JoinToken.parse(required(given, "--token", "as POST /api/v1/join-tokens gives it")),
                server(required(given, "--server", "HOST:PORT of fleet-service, its listen.fleet")),
                given.get("--name"),
                given.get("--listen"),
                given.get("--address"));
    }

    private static String required(Map<String, String> given, String option, String what) {
        String value = given.get(option);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("join: " + option + " is missing: " + what);
        }
        return value;
    }

    private static Address server(String text) {
        String url = text.startsWith("https://") ? text : "https://" + text;
        Address server = Address.parse(url).expecting(new PartIdentity.Service("fleet"));
        if (!(server instanceof Address.Tls)) {
            throw new IllegalArgumentException("join: --server: \"" + text + "\" is not HOST:PORT");
        }
        return server;
    }
}
