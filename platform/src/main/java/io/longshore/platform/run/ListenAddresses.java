package io.longshore.platform.run;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where parts listen for other machines, beside their own sockets: {@code HOST:PORT}, such as {@code 0.0.0.0:2377} or {@code [::]:2377}, by
 * TLS. Left out, a part is for its own machine alone.
 */
@ConfigurationProperties(prefix = "listen", ignoreUnknownFields = false)
public record ListenAddresses(
        @Nullable String access,
        @Nullable String fleet,
        @Nullable String image,
        @Nullable String container,
        @Nullable String volume,
        @Nullable String network,
        @Nullable String agent) {
    private static final Pattern SYNTAX = Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([A-Za-z0-9.-]+)):([0-9]{1,5})");
    private static final int LARGEST_PORT = 65_535;

    /** The part's address, null for none; a {@link StartFailure} says what is wrong with it. */
    public @Nullable InetSocketAddress of(Part part) {
        String configured = switch (part) {
            case GATEWAY -> null;
            case ACCESS -> access;
            case FLEET -> fleet;
            case IMAGE -> image;
            case CONTAINER -> container;
            case VOLUME -> volume;
            case NETWORK -> network;
            case AGENT -> agent;
        };
        return configured == null ? null : parse("listen." + part.id(), configured);
    }

    private static InetSocketAddress parse(String key, String text) {
        Matcher parts = SYNTAX.matcher(text);
        if (parts.matches()) {
            String host = parts.group(1) == null ? parts.group(2) : parts.group(1);
            int port = Integer.parseInt(parts.group(3));
            InetSocketAddress address = port > LARGEST_PORT ? null : new InetSocketAddress(host, port);
            if (address != null && !address.isUnresolved()) {
                return address;
            }
        }
        throw new StartFailure(
                "configuration: " + key + ": \"" + text + "\" is no address of this machine: want HOST:PORT");
    }
}
