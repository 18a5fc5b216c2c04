package io.longshore.agent.dns;

import io.longshore.agent.dns.wire.Frames;
import io.longshore.agent.dns.wire.Query;
import io.longshore.agent.dns.wire.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Collections;
import java.util.Iterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Rcode;

/**
 * One query on its way through other servers: each is asked once, by a socket and an id of that query alone, so that an answer can come from
 * nobody else and cannot be guessed (RFC 5452). On the loop's thread.
 */
final class Exchange implements Loop.Handler {
    /** Datagrams that are no answer, before others have their turn. */
    private static final int TURN = 8;

    private static final int LARGEST_MESSAGE = 65_535;

    private final Forwarder forwarder;
    private final DnsSandbox sandbox;
    private final Query query;
    private final boolean tcp;
    private final Consumer<byte[]> reply;
    private Iterator<Forwarder.Upstream> left = Collections.emptyIterator();
    private Frames frames = new Frames(LARGEST_MESSAGE);
    private ByteBuffer out = ByteBuffer.allocate(0);
    private @Nullable SelectableChannel channel;
    private int attempt;
    private int id;
    private long deadline;
    private boolean done;

    Exchange(Forwarder forwarder, DnsSandbox sandbox, Query query, boolean tcp, Consumer<byte[]> reply) {
        this.forwarder = forwarder;
        this.sandbox = sandbox;
        this.query = query;
        this.tcp = tcp;
        this.reply = reply;
    }

    void start(Iterator<Forwarder.Upstream> upstreams) {
        left = upstreams;
        next();
    }

    private void next() {
        drop();
        if (!left.hasNext()) {
            finish(Wire.error(query, Rcode.SERVFAIL));
            return;
        }
        Forwarder.Upstream upstream = left.next();
        deadline = System.nanoTime() + Forwarder.PATIENCE_NANOS;
        id = forwarder.id();
        int turn = ++attempt;
        forwarder.open(this, upstream, tcp, opened -> opened(turn, upstream, opened));
    }

    private void opened(int turn, Forwarder.Upstream upstream, @Nullable SelectableChannel opened) {
        if (done || turn != attempt) {
            close(opened);
            return;
        }
        channel = opened;
        try {
            switch (opened) {
                case DatagramChannel udp -> ask(udp, upstream);
                case SocketChannel stream -> ask(stream, upstream);
                case null, default -> next();
            }
        } catch (IOException | RuntimeException e) {
            // No way to that server from here, or not in its address family.
            next();
        }
    }

    private void ask(DatagramChannel udp, Forwarder.Upstream upstream) throws IOException {
        // The kernel takes answers from that server alone, and chooses a port that is not known.
        udp.connect(Forwarder.address(upstream));
        forwarder.loop().register(udp, SelectionKey.OP_READ, this);
        udp.write(ByteBuffer.wrap(Wire.renumbered(query, id)));
    }

    private void ask(SocketChannel stream, Forwarder.Upstream upstream) throws IOException {
        frames = new Frames(LARGEST_MESSAGE);
        out = Frames.frame(Wire.renumbered(query, id));
        SelectionKey key = forwarder.loop().register(stream, SelectionKey.OP_CONNECT, this);
        if (stream.connect(Forwarder.address(upstream))) {
            key.interestOps(SelectionKey.OP_WRITE);
        }
    }

    @Override
    public void ready(SelectionKey key) {
        try {
            byte[] answer = key.channel() instanceof DatagramChannel udp
                    ? datagram(udp)
                    : stream((SocketChannel) key.channel(), key);
            if (answer != null) {
                take(answer);
            }
        } catch (IOException | RuntimeException e) {
            // Nobody listens there (ICMP), or the connection ended.
            next();
        }
    }

    private byte @Nullable [] datagram(DatagramChannel udp) throws IOException {
        for (int i = 0; i < TURN; i++) {
            ByteBuffer buffer = forwarder.loop().scratch();
            if (udp.read(buffer) <= 0) {
                return null;
            }
            byte[] answer = new byte[buffer.flip().remaining()];
            buffer.get(answer);
            if (Wire.answers(answer, query, id)) {
                return answer;
            }
        }
        return null;
    }

    private byte @Nullable [] stream(SocketChannel stream, SelectionKey key) throws IOException {
        if (key.isConnectable() && !stream.finishConnect()) {
            return null;
        }
        stream.write(out);
        if (out.hasRemaining()) {
            key.interestOps(SelectionKey.OP_WRITE);
            return null;
        }
        key.interestOps(SelectionKey.OP_READ);
        byte[] answer = frames.read(stream, forwarder.loop().scratch());
        if (answer != null && !Wire.answers(answer, query, id)) {
            throw new IOException("an answer to another query");
        }
        return answer;
    }

    private void take(byte[] answer) {
        int rcode = Wire.rcode(answer);
        if (rcode == Rcode.SERVFAIL || rcode == Rcode.REFUSED) {
            // It may pass, or that server may not be for us.
            next();
        } else {
            finish(Wire.relayed(answer, query));
        }
    }

    /** Turns to the next server if this one has had its time. */
    void expire(long now) {
        if (now - deadline > 0) {
            next();
        }
    }

    private void finish(byte[] answer) {
        cancel();
        reply.accept(answer);
    }

    /** Ends it without an answer. */
    void cancel() {
        done = true;
        drop();
        forwarder.forget(this);
        sandbox.exchanges().remove(this);
    }

    DnsSandbox sandbox() {
        return sandbox;
    }

    private void drop() {
        close(channel);
        channel = null;
    }

    private static void close(@Nullable SelectableChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // It is closed all the same.
            return;
        }
    }
}
