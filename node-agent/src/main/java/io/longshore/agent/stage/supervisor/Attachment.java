package io.longshore.agent.stage.supervisor;

import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An attached client's connection. What is read is Docker's stream: frames, or raw bytes if there is a terminal; what is
 * written is the process's input. No output since {@link SupervisorClient#attach} returned is missed.
 */
public final class Attachment implements Duplex {
    private final SocketChannel channel;
    private final boolean terminal;
    private final InputStream input = new In();
    private final OutputStream output = new Out();
    private final AtomicReference<@Nullable Runnable> onClose = new AtomicReference<>();

    Attachment(SocketChannel channel, boolean terminal) {
        this.channel = channel;
        this.terminal = terminal;
    }

    /** Whether the process has a terminal, so that output comes without frames. */
    public boolean terminal() {
        return terminal;
    }

    /**
     * Has something done, once, when this side lets go by {@link #close}. The supervisor sees the end of a connection, but not whether the client has gone
     * or the agent has died.
     */
    public void onClose(Runnable action) {
        onClose.set(action);
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public void shutdownOutput() throws IOException {
        try {
            channel.shutdownOutput();
        } catch (ClosedChannelException e) {
            return; // ended by close() already
        }
    }

    /** Like the end of this process: the client is not said to have gone. */
    @Override
    public void reset() {
        onClose.set(null);
        end();
    }

    @Override
    public void close() {
        // First, for the end of the connection wakes its reader, who may call reset().
        Runnable action = onClose.getAndSet(null);
        end();
        if (action != null) {
            action.run();
        }
    }

    private void end() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("closing an attachment", e);
        }
    }

    private final class In extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return length == 0 ? 0 : channel.read(ByteBuffer.wrap(into, offset, length));
        }
    }

    private final class Out extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            ByteBuffer rest = ByteBuffer.wrap(from, offset, length);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
        }

        @Override
        public void close() throws IOException {
            shutdownOutput();
        }
    }
}
