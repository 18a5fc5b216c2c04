package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.netlink.Cidr;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on the published ports of the node. The kernel translates nearly all connections before they come here; what does come, to
 * {@code [::1]}, over IPv6 to a container that has none, or in the moment in which somebody has flushed our rules, is carried by two virtual
 * threads. Thread-safe.
 */
final class Relay {
    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
    /** Of all ports of containers here together, and as many of those elsewhere: beyond that a client is turned away, so that what is held here has a bound. */
    private static final int MOST_CONNECTIONS = 1024;

    private static final int BUFFER = 1 << 14;

    /** Who does not answer a connection within this is not there. */
    private static final int CONNECT_MILLIS = 5_000;
    /** Another machine can go without a word: after this many seconds of silence it is asked, and given up a minute later. */
    private static final int IDLE_SECONDS = 60;

    private static final int PROBE_SECONDS = 10;
    private static final int PROBES = 6;

    private final Semaphore places = new Semaphore(MOST_CONNECTIONS);
    /** A node that does not answer holds up no port of containers here. */
    private final Semaphore farPlaces = new Semaphore(MOST_CONNECTIONS);

    /** A socket on a port of the node; of SCTP, which Java does not know, there is none. */
    record Listening(int port, AutoCloseable socket) {}

    /** Whether sockets of IPv6 can be made. */
    static boolean hasV6() {
        try (ServerSocketChannel probe = ServerSocketChannel.open(StandardProtocolFamily.INET6)) {
            return probe.isOpen() && java.nio.file.Files.exists(java.nio.file.Path.of("/proc/net/if_inet6"));
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /**
     * Listens.
     *
     * @param addresses one, or the wildcards of both families
     * @param port 0 for any
     * @param target where connections go on, at the first of its addresses
     */
    Listening listen(String protocol, List<String> addresses, int port, Target target) throws IOException {
        // Java's sockets of IPv6 take in IPv4: one at [::] is both wildcards.
        InetAddress address = Cidr.address(addresses.getLast());
        StandardProtocolFamily family =
                address.getAddress().length == 4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        InetSocketAddress where = new InetSocketAddress(address, port);
        return switch (protocol) {
            case "tcp" -> {
                ServerSocketChannel server = ServerSocketChannel.open(family);
                try {
                    server.bind(where);
                } catch (IOException e) {
                    server.close();
                    throw e;
                }
                int bound = ((InetSocketAddress) server.getLocalAddress()).getPort();
                Thread accepting = Thread.ofVirtual().name("relay-" + bound).start(() -> accept(server, target, bound));
                yield new Listening(bound, () -> {
                    server.close();
                    // The port is free when nobody waits at the socket any more.
                    accepting.join(java.time.Duration.ofSeconds(1));
                });
            }
            case "udp" -> {
                DatagramChannel socket = DatagramChannel.open(family);
                try {
                    socket.bind(where);
                } catch (IOException e) {
                    socket.close();
                    throw e;
                }
                int bound = ((InetSocketAddress) socket.getLocalAddress()).getPort();
                yield new Listening(bound, new DatagramRelay(socket, target, bound));
            }
            default -> new Listening(port == 0 ? random() : port, () -> {});
        };
    }

    /** Where nothing is bound, the kernel does not choose: one of its usual range (ip_local_port_range). */
    private static int random() {
        return ThreadLocalRandom.current().nextInt(32_768, 61_000);
    }

    private void accept(ServerSocketChannel server, Target target, int hostPort) {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                boolean admitted =
                        client.getRemoteAddress() instanceof InetSocketAddress who && target.admits(who.getAddress());
                if (admitted && places(target).tryAcquire()) {
                    Thread.ofVirtual().name("relay").start(() -> serve(client, target, hostPort));
                } else {
                    client.close();
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("cannot accept a connection to a published port", e);
            }
        }
    }

    private Semaphore places(Target target) {
        return target.isElsewhere() ? farPlaces : places;
    }

    private void serve(SocketChannel client, Target target, int hostPort) {
        try (client;
                SocketChannel container = SocketChannel.open()) {
            if (target.source() != null) {
                container.bind(new InetSocketAddress(target.source(), 0));
            }
            container
                    .socket()
                    .connect(
                            new InetSocketAddress(target.addresses().getFirst(), target.port(hostPort)),
                            CONNECT_MILLIS);
            if (target.isElsewhere()) {
                keepAlive(container);
                keepAlive(client);
            }
            container.setOption(StandardSocketOptions.TCP_NODELAY, true);
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            Thread back = Thread.ofVirtual().start(() -> copy(container, client));
            copy(client, container);
            back.join();
        } catch (IOException e) {
            LOG.debug("a connection to {} was not relayed", target, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            places(target).release();
        }
    }

    private static void keepAlive(SocketChannel socket) throws IOException {
        socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, IDLE_SECONDS);
        socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, PROBE_SECONDS);
        socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, PROBES);
    }

    /** To the end of what comes, which the other side learns then. */
    private static void copy(SocketChannel from, SocketChannel to) {
        try {
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
            while (from.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
            to.shutdownOutput();
        } catch (IOException e) {
            // One side has gone without a word: so goes the other.
            try {
                from.close();
                to.close();
            } catch (IOException closing) {
                LOG.debug("closing a relayed connection failed", closing);
            }
        }
    }
}
