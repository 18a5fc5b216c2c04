package io.longshore.agent.api;

import io.longshore.agent.container.Attachment;
import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.stream.GrowingBuffer;
import io.longshore.platform.stream.Relay;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries bytes between an attached client and a container, both ways, each way ending by itself. */
final class AttachSession {
    private static final Logger LOG = LoggerFactory.getLogger(AttachSession.class);

    private final Duplex client;
    private final Attachment attachment;
    private final AtomicBoolean over = new AtomicBoolean();

    AttachSession(Duplex client, Attachment attachment) {
        this.client = client;
        this.attachment = attachment;
    }

    /** Returns when the container's output has ended, or the client has gone. */
    void run() throws IOException, InterruptedException {
        // It ends with the connection. An interrupt would close the client's channel under its unread output.
        Thread.ofVirtual().name("attach-input").start(this::carryInput);
        Duplex container = attachment.await();
        try {
            if (container != null) {
                Relay.copy(container.input(), client.output());
            }
        } catch (ClosedChannelException e) {
            attachment.cut();
            throw e;
        } finally {
            over.set(true);
        }
    }

    private void carryInput() {
        try {
            // Nothing is read from the client before there is somebody to read it: until then it waits in the socket's
            // buffers. It may go before that: with nothing said, nothing is left to do for it.
            GrowingBuffer buffer = new GrowingBuffer();
            int count = 0;
            while (!attachment.isDecidedWithin(Relay.LOOK_AGAIN)) {
                if (count == 0 && client.hasGone()) {
                    count = said(buffer);
                    if (count <= 0) {
                        attachment.cancel();
                    }
                }
            }
            Duplex container = attachment.await();
            if (container != null) {
                carryInput(container, buffer, count);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a client that has gone has left; negative when that is nothing. */
    private int said(GrowingBuffer buffer) {
        try {
            return buffer.read(client.input());
        } catch (IOException e) {
            return -1;
        }
    }

    /** @param first of bytes in the buffer that were read already */
    private void carryInput(Duplex container, GrowingBuffer buffer, int first) {
        int count = first;
        while (true) {
            try {
                if (count == 0) {
                    count = buffer.read(client.input());
                }
            } catch (ClosedChannelException e) {
                attachment.cut(); // by this agent, which stops
                return;
            } catch (IOException e) {
                LOG.debug("an attached client has gone: {}", e.toString());
                attachment.cancel();
                return;
            }
            try {
                if (count < 0) {
                    container.shutdownOutput();
                    break;
                }
                container.output().write(buffer.bytes(), 0, count);
                count = 0;
            } catch (IOException e) {
                // The process reads no more, which it may; its output goes on.
                LOG.debug("input of an attached client is not read: {}", e.toString());
                return;
            }
        }
        if (Relay.awaitGone(client, over::get)) {
            LOG.debug("an attached client has gone after the end of its input");
            attachment.cancel();
        }
    }
}
