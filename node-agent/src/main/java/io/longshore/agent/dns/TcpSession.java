package io.longshore.agent.dns;

import io.longshore.agent.dns.wire.Frames;
import io.longshore.agent.dns.wire.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** One client's connection. Queries may follow each other without waiting, and answers come as they are there (RFC 7766, 6.2.1). */
final class TcpSession implements Loop.Handler {
    /** Queries without an answer that the client has taken; who has so many is not read further. */
    private static final int MAX_OPEN = 16;

    private final TcpServer server;
    private final DnsSandbox sandbox;
    private final SocketChannel channel;
    private final Frames frames = new Frames(Wire.MAX_QUERY);
    private final Deque<ByteBuffer> answers = new ArrayDeque<>();
    private int open;
    private boolean closed;
    private long lastProgress = System.nanoTime();
    private @Nullable SelectionKey key;

    TcpSession(TcpServer server, DnsSandbox sandbox, SocketChannel channel) {
        this.server = server;
        this.sandbox = sandbox;
        this.channel = channel;
    }

    void start(SelectionKey registered) {
        key = registered;
    }

    @Override
    public void ready(SelectionKey ready) {
        try {
            if (ready.isWritable()) {
                write();
            }
            if (ready.isValid() && ready.isReadable()) {
                read();
            }
            interest();
        } catch (IOException | RuntimeException e) {
            // The client has ended, or what it sends is no message.
            close();
        }
    }

    private void read() throws IOException {
        while (open < MAX_OPEN && !closed) {
            byte[] wire = frames.read(channel, server.loop().scratch());
            if (wire == null) {
                return;
            }
            lastProgress = System.nanoTime();
            open++;
            if (!server.resolver().resolve(sandbox, wire, true, this::answer)) {
                throw new IOException("no query");
            }
        }
    }

    private void answer(byte[] message) {
        if (closed) {
            return;
        }
        answers.add(Frames.frame(message));
        try {
            write();
            interest();
        } catch (IOException e) {
            close();
        }
    }

    private void write() throws IOException {
        for (ByteBuffer next = answers.peek(); next != null; next = answers.peek()) {
            if (channel.write(next) > 0) {
                lastProgress = System.nanoTime();
            }
            if (next.hasRemaining()) {
                return;
            }
            answers.remove();
            open--;
        }
    }

    private void interest() {
        if (key != null && key.isValid()) {
            key.interestOps(
                    (open < MAX_OPEN ? SelectionKey.OP_READ : 0) | (answers.isEmpty() ? 0 : SelectionKey.OP_WRITE));
        }
    }

    /** Whether it is the client that others wait for, and for how long it has been, in nanoseconds. */
    boolean isIdle(long now, long patience) {
        return open == answers.size() && now - lastProgress > patience;
    }

    void close() {
        closed = true;
        server.forget(this);
        sandbox.sessions().remove(this);
        try {
            channel.close();
        } catch (IOException e) {
            // It is closed all the same.
            return;
        }
    }
}
