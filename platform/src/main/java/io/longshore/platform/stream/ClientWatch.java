package io.longshore.platform.stream;

import java.io.IOException;
import java.util.concurrent.ScheduledFuture;

/**
 * Listens to a client that has nothing more to say. Its end means that it has gone (Go's server takes it so, too): the connection is
 * closed and the thread that serves it interrupted.
 */
final class ClientWatch {
    private static final long PATIENCE_MILLIS = 2_000;

    private final Wire wire;
    private final Thread server;
    private final Thread watcher;
    private boolean over;

    private ClientWatch(Wire wire, Thread server) {
        this.wire = wire;
        this.server = server;
        this.watcher = Thread.ofVirtual().name("client-watch").unstarted(this::watch);
    }

    static ClientWatch start(Wire wire, Thread server) {
        ClientWatch watch = new ClientWatch(wire, server);
        watch.watcher.start();
        return watch;
    }

    private void watch() {
        byte[] rest = new byte[512];
        try {
            while (wire.read(rest, 0, rest.length) >= 0) {
                // what it says after its request is of no interest
            }
        } catch (IOException e) {
            // It has gone.
        }
        synchronized (this) {
            if (!over) {
                wire.close();
                server.interrupt();
            }
        }
    }

    /** Waits a little for the client to close, so that our closing does not destroy what it has yet to read. */
    void awaitClient() throws InterruptedException {
        synchronized (this) {
            over = true;
        }
        ScheduledFuture<?> limit = wire.closeAfter(PATIENCE_MILLIS);
        watcher.join();
        limit.cancel(false);
    }

    /** Ends the watch; the server's thread is not interrupted any more. */
    void end() {
        synchronized (this) {
            over = true;
            Thread.interrupted();
        }
        wire.close();
    }
}
