package io.longshore.container.attach;

import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.stream.GrowingBuffer;
import io.longshore.platform.stream.Relay;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Passes bytes between a client and a process on a node, both ways, each way ending by itself. */
public final class Passage {
    private final Duplex client;
    private final Duplex node;
    private final @Nullable DetachKeys keys;
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicBoolean detached = new AtomicBoolean();

    /** @param keys by which the client may leave; null without a terminal, where every byte is input */
    public Passage(Duplex client, Duplex node, @Nullable DetachKeys keys) {
        this.client = client;
        this.node = node;
        this.keys = keys;
    }

    /** What the end of a passage was. */
    public enum End {
        /** The process says nothing more. */
        OUTPUT_ENDED,
        /** The client has left by its keys. */
        DETACHED
    }

    /** Passes until the output ends or the client leaves. The node's side stays the caller's to close. */
    public End run() throws IOException {
        // It ends with the connections. To interrupt it would close the client's before all is sent.
        Thread.ofVirtual().name("attach-input").start(this::input);
        try {
            Relay.copy(node.input(), client.output());
        } catch (IOException e) {
            if (!detached.get()) {
                throw e;
            }
        } finally {
            over.set(true);
        }
        return detached.get() ? End.DETACHED : End.OUTPUT_ENDED;
    }

    private void input() {
        try {
            if (keys == null) {
                Relay.copy(client.input(), node.output());
            } else if (watched(keys)) {
                return;
            }
            node.shutdownOutput();
            if (Relay.awaitGone(client, over::get)) {
                node.close(); // no reset: over TCP that would take back what was sent
            }
        } catch (IOException e) {
            // The client is gone, or the process takes no more input; only the former ends the stream.
            if (!over.get()) {
                node.reset();
            }
        }
    }

    private boolean watched(DetachKeys leave) throws IOException {
        DetachKeys.Watch watch = leave.watch(node.output());
        InputStream from = client.input();
        GrowingBuffer buffer = new GrowingBuffer();
        for (int count = buffer.read(from); count >= 0; count = buffer.read(from)) {
            if (watch.pass(buffer.bytes(), count)) {
                detached.set(true);
                node.reset();
                return true;
            }
        }
        watch.end();
        return false;
    }
}
