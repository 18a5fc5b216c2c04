package io.longshore.acceptance.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Stands before a registry on 127.0.0.1 and passes on what it says: all of it, or so much on a connection and then an end, or nothing more. */
final class ThrottledRegistry implements AutoCloseable {
    /** What becomes of the first connection that has carried so many bytes. */
    enum Then {
        CUT,
        SILENCE
    }

    private final ServerSocket server;
    private final int target;
    private final long most;
    private final Then then;
    private final AtomicBoolean done = new AtomicBoolean();
    private final AtomicLong carried = new AtomicLong();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /**
     * Begins.
     *
     * @param registry host and port on 127.0.0.1
     * @param most bytes on one connection, once
     */
    ThrottledRegistry(String registry, long most, Then then) {
        this.target = Integer.parseInt(registry.substring(registry.indexOf(':') + 1));
        this.most = most;
        this.then = then;
        try {
            this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.startVirtualThread(this::accept);
    }

    String host() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** Bytes that the registry has said so far. */
    long carried() {
        return carried.get();
    }

    /** Whether a connection has met its end. */
    boolean done() {
        return done.get();
    }

    private void accept() {
        while (true) {
            try {
                Socket client = server.accept();
                Socket registry = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(client);
                open.add(registry);
                Thread.startVirtualThread(() -> pass(client, registry, Long.MAX_VALUE));
                Thread.startVirtualThread(() -> pass(registry, client, most));
            } catch (IOException e) {
                return; // Closed.
            }
        }
    }

    private void pass(Socket from, Socket to, long limit) {
        byte[] buffer = new byte[16 << 10];
        long passed = 0;
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                passed += count;
                if (limit < Long.MAX_VALUE) {
                    carried.addAndGet(count);
                }
                out.write(buffer, 0, count);
                if (passed > limit && done.compareAndSet(false, true)) {
                    if (then == Then.CUT) {
                        return;
                    }
                    Thread.sleep(60_000); // longer than the case: until this is closed, or the client is gone
                }
            }
        } catch (IOException | InterruptedException e) {
            // One of both has gone.
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
