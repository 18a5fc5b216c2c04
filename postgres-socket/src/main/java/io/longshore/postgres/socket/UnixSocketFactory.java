package io.longshore.postgres.socket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.net.SocketFactory;

/**
 * The JDBC driver's property {@code socketFactory} for a server on a unix socket; {@code socketFactoryArg} is the socket's path.
 * Host and port of the address are not used. The driver makes it by its name.
 */
public final class UnixSocketFactory extends SocketFactory {
    private final Path path;

    /** @param path of the socket, as {@code socketFactoryArg} gives it */
    public UnixSocketFactory(String path) {
        this.path = Path.of(path);
    }

    /** The JDBC address, without user and password, of a database of the server that listens on a socket. */
    public static String url(Path socket, String database) {
        // TLS and GSS are for networks; asking for them would cost a round trip each at every connection.
        return "jdbc:postgresql://localhost/" + database + "?socketFactory=" + UnixSocketFactory.class.getName()
                + "&socketFactoryArg=" + URLEncoder.encode(socket.toString(), StandardCharsets.UTF_8)
                + "&sslmode=disable&gssEncMode=disable";
    }

    @Override
    public Socket createSocket() throws IOException {
        return UnixSocket.to(path);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw new SocketException("the server is on " + path + ", not on " + host + ":" + port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return createSocket(host.getHostAddress(), port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
        return createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
        return createSocket(host.getHostAddress(), port);
    }
}
