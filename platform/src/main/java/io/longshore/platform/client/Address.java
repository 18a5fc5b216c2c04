package io.longshore.platform.client;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.platform.identity.PartIdentity;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

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

    /** A TCP port of loopback, which tests use: nobody proves who he is. */
    record Tcp(String host, int port) implements Address {
        @Override
        public SocketAddress socketAddress() {
            return new InetSocketAddress(host, port);
        }

        @Override
        public String toString() {
            return "http://" + host + ":" + port;
        }
    }

    /**
     * A TCP port that is spoken to by TLS, both ends proving who they are.
     *
     * @param expected who must be there; null where nobody was told yet, which nobody can connect to
     */
    record Tls(String host, int port, @Nullable PartIdentity expected) implements Address {
        @Override
        public SocketAddress socketAddress() {
            return new InetSocketAddress(host, port);
        }

        @Override
        public String toString() {
            return "https://" + host + ":" + port;
        }
    }

    /** What to connect to. */
    SocketAddress socketAddress();

    /** The same with who must be there; other than by TLS nobody proves it, and it is as it was. */
    default Address expecting(PartIdentity who) {
        return this instanceof Tls tls ? new Tls(tls.host, tls.port, who) : this;
    }

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
                    return text.startsWith("https:")
                            ? new Tls(uri.getHost(), uri.getPort(), null)
                            : new Tcp(uri.getHost(), uri.getPort());
                }
            } catch (IllegalArgumentException e) {
                throw new Failure.Invalid(refusal(text), e);
            }
        }
        throw new Failure.Invalid(refusal(text));
    }

    /** Of a node's agent, which must prove that it is that node. */
    static Address of(Node node) {
        return parse(node.agentAddress()).expecting(new PartIdentity.Node(node.id()));
    }

    private static String refusal(String text) {
        return "invalid address \"" + text + "\": want unix:/absolute/path or https://host:port";
    }
}
