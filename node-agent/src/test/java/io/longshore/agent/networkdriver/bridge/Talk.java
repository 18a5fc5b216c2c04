package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.netlink.Cidr;
import io.longshore.agent.linux.netlink.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Servers that answer with the client's address, in any network namespace, and who asks them. */
public final class Talk {
    private static final int PATIENCE = 1_500;

    private Talk() {}

    /** A TCP server, until it is closed; null as namespace is the JVM's own. */
    public static ServerSocketChannel serve(@Nullable NetworkNamespace where, int port) throws IOException {
        ServerSocketChannel server = in(where, ServerSocketChannel::open);
        server.bind(new InetSocketAddress(port));
        Thread.ofVirtual().start(() -> {
            while (server.isOpen()) {
                try (SocketChannel client = server.accept()) {
                    InetSocketAddress remote = (InetSocketAddress) client.getRemoteAddress();
                    client.write(text(remote.getAddress()));
                } catch (IOException e) {
                    // Closed, or the client went.
                }
            }
        });
        return server;
    }

    /** A UDP server. */
    public static DatagramChannel serveDatagrams(@Nullable NetworkNamespace where, int port) throws IOException {
        return serveDatagrams(where, new InetSocketAddress(port));
    }

    static DatagramChannel serveDatagrams(@Nullable NetworkNamespace where, InetSocketAddress address)
            throws IOException {
        DatagramChannel server = in(where, DatagramChannel::open);
        server.bind(address);
        Thread.ofVirtual().start(() -> {
            ByteBuffer buffer = ByteBuffer.allocate(1024);
            while (server.isOpen()) {
                try {
                    InetSocketAddress client = (InetSocketAddress) server.receive(buffer.clear());
                    server.send(text(client.getAddress()), client);
                } catch (IOException e) {
                    // Closed.
                }
            }
        });
        return server;
    }

    private static ByteBuffer text(InetAddress address) {
        return ByteBuffer.wrap(address.getHostAddress().getBytes(StandardCharsets.UTF_8));
    }

    /** What the server says; empty if it cannot be reached. */
    public static String ask(@Nullable NetworkNamespace from, String address, int port) throws IOException {
        try (SocketChannel client = in(from, SocketChannel::open)) {
            client.socket().connect(new InetSocketAddress(Cidr.address(address), port), PATIENCE);
            client.socket().setSoTimeout(PATIENCE);
            return new String(client.socket().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    public static String askDatagram(@Nullable NetworkNamespace from, String address, int port) throws IOException {
        try (DatagramChannel client = datagrams(from, address, port)) {
            return askDatagram(client);
        }
    }

    /** Who sends to an address, from one port, until it is closed. */
    static DatagramChannel datagrams(@Nullable NetworkNamespace from, String address, int port) throws IOException {
        DatagramChannel client = in(from, DatagramChannel::open);
        return client.connect(new InetSocketAddress(Cidr.address(address), port));
    }

    static String askDatagram(DatagramChannel client) {
        try {
            client.write(ByteBuffer.wrap(new byte[] {1}));
            client.socket().setSoTimeout(PATIENCE);
            var packet = new java.net.DatagramPacket(new byte[1024], 1024);
            client.socket().receive(packet);
            return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private static <T> T in(@Nullable NetworkNamespace where, NetworkNamespace.Work<T> open) throws IOException {
        return where == null ? open.run() : where.inside(open);
    }
}
