package io.longshore.agent.dns;

import io.longshore.agent.dns.wire.Wire;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;

/** Takes the queries of one sandbox by UDP. */
final class UdpServer implements Loop.Handler {
    /** Queries before others have their turn, so that a container that asks without end slows itself alone. */
    private static final int TURN = 32;

    private final DnsSandbox sandbox;
    private final Loop loop;
    private final Resolver resolver;

    UdpServer(DnsSandbox sandbox, Loop loop, Resolver resolver) {
        this.sandbox = sandbox;
        this.loop = loop;
        this.resolver = resolver;
    }

    @Override
    public void ready(SelectionKey key) {
        DatagramChannel channel = sandbox.udp();
        for (int i = 0; i < TURN; i++) {
            ByteBuffer buffer = loop.scratch();
            SocketAddress client;
            try {
                client = channel.receive(buffer);
            } catch (IOException e) {
                // An error that was queued for the socket; it is gone with this call.
                continue;
            }
            if (client == null) {
                return;
            }
            // A byte more than allowed is enough to see that it is too long.
            byte[] wire = new byte[Math.min(buffer.flip().remaining(), Wire.MAX_QUERY + 1)];
            buffer.get(wire);
            resolver.resolve(sandbox, wire, false, answer -> send(channel, client, answer));
        }
    }

    private static void send(DatagramChannel channel, SocketAddress client, byte[] answer) {
        try {
            channel.send(ByteBuffer.wrap(answer), client);
        } catch (IOException | RuntimeException e) {
            // The client has gone, its port is 0, or the sandbox is being closed: UDP may lose an answer.
            return;
        }
    }
}
