package io.longshore.agent.networkdriver.bridge;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The same for datagrams: a socket to the container for each client, as long as something comes back now and then. */
final class DatagramRelay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DatagramRelay.class);
    /** Of one port: beyond that a client's datagrams are lost, as they may be. */
    private static final int MOST_CLIENTS = 64;
    /** How long conntrack keeps a flow of UDP that goes both ways. */
    private static final int PATIENCE_MILLIS = 120_000;

    private static final int LARGEST = 1 << 16;

    private final DatagramChannel socket;
    private final Target target;
    private final int hostPort;
    private final Map<SocketAddress, DatagramChannel> clients = new ConcurrentHashMap<>();

    DatagramRelay(DatagramChannel socket, Target target, int hostPort) {
        this.socket = socket;
        this.target = target;
        this.hostPort = hostPort;
        Thread.ofVirtual().name("relay-udp").start(this::receive);
    }

    private void receive() {
        ByteBuffer buffer = ByteBuffer.allocate(LARGEST);
        while (socket.isOpen()) {
            try {
                SocketAddress client = socket.receive(buffer.clear());
                DatagramChannel container = clients.get(client);
                if (container == null && clients.size() < MOST_CLIENTS && isAdmitted(client)) {
                    container = connect(client);
                }
                if (container != null) {
                    container.write(buffer.flip());
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.debug("a datagram to {} was not relayed", target, e);
            }
        }
    }

    private boolean isAdmitted(SocketAddress client) {
        return client instanceof InetSocketAddress who && target.admits(who.getAddress());
    }

    private DatagramChannel connect(SocketAddress client) throws IOException {
        DatagramChannel container = DatagramChannel.open();
        try {
            if (target.source() != null) {
                container.bind(new InetSocketAddress(target.source(), 0));
            }
            container.connect(new InetSocketAddress(target.addresses().getFirst(), target.port(hostPort)));
        } catch (IOException e) {
            container.close();
            throw e;
        }
        clients.put(client, container);
        Thread.ofVirtual().name("relay-udp").start(() -> answer(client, container));
        return container;
    }

    private void answer(SocketAddress client, DatagramChannel container) {
        byte[] bytes = new byte[LARGEST];
        try (container) {
            container.socket().setSoTimeout(PATIENCE_MILLIS);
            while (true) {
                var packet = new java.net.DatagramPacket(bytes, bytes.length);
                container.socket().receive(packet);
                socket.send(ByteBuffer.wrap(bytes, 0, packet.getLength()), client);
            }
        } catch (SocketTimeoutException e) {
            LOG.trace("{} and {} have nothing to say any more", client, target);
        } catch (IOException e) {
            LOG.debug("answers of {} are not relayed any more", target, e);
        } finally {
            clients.remove(client, container);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (DatagramChannel container : clients.values()) {
            container.close();
        }
    }
}
