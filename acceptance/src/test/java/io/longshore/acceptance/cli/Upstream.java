package io.longshore.acceptance.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A name server in this JVM's network, on port 53, that knows some addresses and remembers what it was asked. */
final class Upstream implements AutoCloseable {
    private static final int HEADER = 12;
    private static final int ANSWER_WITHOUT_ERROR = 0x8180;
    private static final int NO_SUCH_NAME = 0x8183;
    private static final int TYPE_A = 1;

    private final DatagramSocket socket;
    private final Map<String, String> addresses;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Thread thread;

    /** @param addresses by names; any other name does not exist */
    Upstream(String address, Map<String, String> addresses) {
        this.addresses = addresses;
        try {
            this.socket = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(address), 53));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen at " + address, e);
        }
        this.thread = Thread.ofPlatform().daemon().name("upstream").start(this::serve);
    }

    /** The names, each as often as it was asked for. */
    List<String> asked() {
        return asked;
    }

    private void serve() {
        byte[] query = new byte[512];
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(query, query.length);
                socket.receive(packet);
                byte[] answer = answer(ByteBuffer.wrap(query, 0, packet.getLength()));
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException e) {
                // The case is over.
            }
        }
    }

    /** The question comes back, and after it the address, of the name that is at the question's place. */
    private byte[] answer(ByteBuffer query) {
        StringBuilder name = new StringBuilder();
        query.position(HEADER);
        for (int length = query.get(); length > 0; length = query.get()) {
            byte[] label = new byte[length];
            query.get(label);
            name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
        }
        int type = query.getShort();
        int end = query.position() + Short.BYTES;
        asked.add(name.toString());
        @Nullable String address = addresses.get(name.toString());
        boolean known = address != null && type == TYPE_A;
        ByteBuffer answer = ByteBuffer.allocate(512)
                .putShort(query.getShort(0))
                .putShort((short) (address == null ? NO_SUCH_NAME : ANSWER_WITHOUT_ERROR))
                .putShort((short) 1)
                .putShort((short) (known ? 1 : 0))
                .putInt(0)
                .put(query.slice(HEADER, end - HEADER));
        if (known) {
            answer.putShort((short) (0xc000 | HEADER))
                    .putShort((short) TYPE_A)
                    .putShort((short) 1)
                    .putInt(60)
                    .putShort((short) 4)
                    .put(InetAddress.ofLiteral(address).getAddress());
        }
        byte[] bytes = new byte[answer.flip().remaining()];
        answer.get(bytes);
        return bytes;
    }

    /** When this returns the port is free. */
    @Override
    public void close() {
        socket.close();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
