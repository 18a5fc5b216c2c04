package io.longshore.agent.files;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;

/**
 * Looks whether a client takes what is written to it, and interrupts the thread that serves it when a single write lasts too long. Whoever
 * serves then closes the connection, which ends the write, on whichever thread that is.
 */
final class StallWatch implements AutoCloseable {
    private static final long NOT_WRITING = Long.MIN_VALUE;

    private final Thread server = Thread.currentThread();
    private final OutputStream output;
    private final Duration stall;
    private final Thread watcher;
    private volatile long since = NOT_WRITING;
    private boolean over;
    private boolean cut;

    private StallWatch(OutputStream client, Duration stall) {
        this.output = new Watched(client);
        this.stall = stall;
        this.watcher = Thread.ofVirtual().name("stall-watch").unstarted(this::watch);
    }

    /** Begins, for the thread that calls it. */
    static StallWatch start(OutputStream client, Duration stall) {
        StallWatch watch = new StallWatch(client, stall);
        watch.watcher.start();
        return watch;
    }

    /** What leads to the client. */
    OutputStream output() {
        return output;
    }

    /** Whether the client was given up. */
    synchronized boolean hasCut() {
        return cut;
    }

    private void watch() {
        try {
            while (true) {
                long began = since;
                long left = began == NOT_WRITING ? stall.toNanos() / 4 : began + stall.toNanos() - System.nanoTime();
                if (left <= 0) {
                    cut();
                    return;
                }
                Thread.sleep(Duration.ofNanos(left));
            }
        } catch (InterruptedException e) {
            // It is over.
        }
    }

    private synchronized void cut() {
        if (!over) {
            cut = true;
            server.interrupt();
        }
    }

    /** Ends, on the thread that began it, which is not interrupted by this any more. */
    @Override
    public void close() {
        synchronized (this) {
            over = true;
            if (cut) {
                Thread.interrupted();
            }
        }
        watcher.interrupt();
    }

    private final class Watched extends OutputStream {
        private final OutputStream client;

        Watched(OutputStream client) {
            this.client = client;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            since = System.nanoTime();
            try {
                client.write(bytes, offset, length);
            } finally {
                since = NOT_WRITING;
            }
        }

        @Override
        public void flush() throws IOException {
            client.flush();
        }
    }
}
