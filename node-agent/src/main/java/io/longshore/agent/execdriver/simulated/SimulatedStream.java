package io.longshore.agent.execdriver.simulated;

import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** One subscriber of a simulated process. What it has not read yet is bounded; one that falls behind further is cut off. */
final class SimulatedStream implements Duplex {
    private static final byte[] END = {};
    private static final int WAITING_CHUNKS = 1024;

    private final BlockingQueue<byte[]> waiting = new LinkedBlockingQueue<>(WAITING_CHUNKS);
    private final SimulatedProcess process;
    private final AttachRequest request;
    private volatile boolean broken;
    private volatile boolean inputEnded;

    SimulatedStream(SimulatedProcess process, AttachRequest request) {
        this.process = process;
        this.request = request;
    }

    /** Passes output on; raw with a terminal, else as one frame. */
    void deliver(byte[] bytes, boolean terminal) {
        if (request.stdout()) {
            put(terminal ? bytes : frame(bytes));
        }
    }

    void end() {
        put(END);
    }

    private void put(byte[] chunk) {
        if (!waiting.offer(chunk)) {
            broken = true;
            waiting.clear();
            waiting.add(END);
        }
    }

    private static byte[] frame(byte[] bytes) {
        return ByteBuffer.allocate(8 + bytes.length)
                .put(0, (byte) 1)
                .putInt(4, bytes.length)
                .put(8, bytes)
                .array();
    }

    @Override
    public InputStream input() {
        return new InputStream() {
            private byte[] chunk = {};
            private int at;
            private boolean over;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                while (at == chunk.length && !over) {
                    try {
                        chunk = waiting.take();
                        at = 0;
                        over = chunk.length == 0;
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new IOException("interrupted", e);
                    }
                }
                if (broken) {
                    throw new IOException("the stream was cut off: its reader fell behind or closed it");
                }
                if (over) {
                    return -1;
                }
                int count = Math.min(length, chunk.length - at);
                System.arraycopy(chunk, at, into, offset, count);
                at += count;
                return count;
            }
        };
    }

    @Override
    public OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int value) {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                if (request.stdin() && !inputEnded && length > 0) {
                    process.input(java.util.Arrays.copyOfRange(bytes, offset, offset + length));
                }
            }

            @Override
            public void close() {
                shutdownOutput();
            }
        };
    }

    @Override
    public void shutdownOutput() {
        if (request.stdin() && !inputEnded) {
            inputEnded = true;
            process.inputEnded();
        }
    }

    @Override
    public void reset() {
        close();
    }

    @Override
    public void close() {
        broken = true;
        process.leave(this);
        waiting.clear();
        waiting.offer(END);
        shutdownOutput();
    }
}
