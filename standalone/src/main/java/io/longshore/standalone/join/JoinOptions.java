package io.longshore.standalone.join;

import io.longshore.contracts.fleet.JoinToken;
import io.longshore.contracts.fleet.NodeSpec;
import io.longshore.platform.client.Address;
import io.longshore.platform.identity.PartIdentity;
import io.longshore.platform.run.ListenAddresses;
import io.longshore.platform.run.Part;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
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
 * @param availability whether it takes containers from the beginning
 */
record JoinOptions(
        JoinToken token,
        Address server,
        @Nullable String name,
        @Nullable String listen,
        @Nullable String address,
        NodeSpec.Availability availability) {
    private static final List<String> KNOWN = List.of(
            "--token", "--token-file", "--server", "--name", "--listen", "--address", "--availability", "--config");

    private static final int LONGEST_TOKEN = 4_096;

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
                        JoinToken.parse(token(given)),
                        server(required(given, "--server", "HOST:PORT of fleet-service, its listen.fleet")),
                        given.get("--name"),
                        given.get("--listen"),
                        given.get("--address"),
                        availability(given.getOrDefault("--availability", "active")))
                .checked();
    }

    /** Before the token is used up: an agent that could not start later would have to join anew. */
    private JoinOptions checked() {
        if (address != null && !(Address.parse(address) instanceof Address.Tls)) {
            throw new IllegalArgumentException("join: --address: \"" + address + "\" is not https://HOST:PORT");
        }
        if (listen != null) {
            InetSocketAddress door = new ListenAddresses(null, null, null, null, null, null, listen).of(Part.AGENT);
            if (door != null && door.getAddress().isAnyLocalAddress() && address == null) {
                throw new IllegalArgumentException("join: --address is missing: the agent listens at every address of"
                        + " this machine, and others have to know one, as https://HOST:" + door.getPort());
            }
        }
        return this;
    }

    /** Of a file it is no argument, which every user of the machine could read; {@code -} is what is typed or piped in. */
    private static String token(Map<String, String> given) {
        String file = given.get("--token-file");
        if (file == null) {
            return required(given, "--token", "as POST /api/v1/join-tokens gives it");
        }
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
            return new String(in.readNBytes(LONGEST_TOKEN), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            throw new IllegalArgumentException("join: --token-file: cannot read " + file + ": " + e, e);
        }
    }

    private static NodeSpec.Availability availability(String text) {
        List<String> known = Arrays.stream(NodeSpec.Availability.values())
                .map(one -> one.name().toLowerCase(Locale.ROOT))
                .toList();
        if (!known.contains(text)) {
            throw new IllegalArgumentException("join: --availability: \"" + text + "\" is none of " + known);
        }
        return NodeSpec.Availability.valueOf(text.toUpperCase(Locale.ROOT));
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
