package io.longshore.platform.client;

import io.longshore.contracts.error.Failure;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/** Where a part listens: {@code unix:/path}, {@code http://host:port} (loopback, tests) or {@code https://host:port}. */
public sealed interface Address {
    /** A unix socket. */
    record Unix(Path path) implements Address {
        @Override
        public SocketAddress socketAddress() {
            return UnixDomainSocketAddress.of(path);
        }

        @Override
        public String toString() {
            return "unix:" + path;
        }
    }

    /** A TCP port. */
    record Tcp(String host, int port, boolean tls) implements Address {
        @Override
        public SocketAddress socketAddress() {
            return new InetSocketAddress(host, port);
        }

        @Override
        public String toString() {
            return (tls ? "https://" : "http://") + host + ":" + port;
        }
    }

    /** What to connect to. */
    SocketAddress socketAddress();

    /** Reads an address; {@link Failure.Invalid} says what it should look like. */
    static Address parse(String text) {
        if (text.startsWith("unix:")) {
            String path = text.substring(5).replaceFirst("^//(?=/)", "");
            if (path.startsWith("/")) {
                return new Unix(Path.of(path));
            }
        } else if (text.startsWith("https://") || text.startsWith("http://")) {
            try {
                URI uri = URI.create(text);
                if (uri.getHost() != null && uri.getPort() > 0) {
                    return new Tcp(uri.getHost(), uri.getPort(), text.startsWith("https:"));
                }
            } catch (IllegalArgumentException e) {
                throw new Failure.Invalid(refusal(text), e);
            }
        }
        throw new Failure.Invalid(refusal(text));
    }

    private static String refusal(String text) {
        return "invalid address \"" + text + "\": want unix:/absolute/path or https://host:port";
    }
}
