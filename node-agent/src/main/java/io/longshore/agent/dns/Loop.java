package io.longshore.agent.dns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that waits for many channels. All that happens to a channel or its handler happens on it, so that they need no locks; nothing
 * on it may wait.
 */
final class Loop implements AutoCloseable {
    /** What a channel is for. Called on the loop's thread. */
    interface Handler {
        /** The channel can do something that its key is interested in. */
        void ready(SelectionKey key);
    }

    /** Something with deadlines. Called on the loop's thread. */
    interface Ticker {
        /** @return whether there is anything that has a deadline still */
        boolean tick(long nanos);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

    /** How late a deadline may be noticed. */
    private static final long TICK_MILLIS = 100;

    /** A call from another thread takes microseconds; who waits longer meets a loop that is lost. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int LARGEST_MESSAGE = 65_535;

    private final Selector selector;
    private final Queue<Runnable> calls = new ConcurrentLinkedQueue<>();
    private final List<Ticker> tickers = new ArrayList<>();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(LARGEST_MESSAGE);
    private final Thread thread;
    private volatile boolean closing;

    Loop(String name) throws IOException {
        selector = Selector.open();
        thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    /** Before {@link #start}. */
    void add(Ticker ticker) {
        tickers.add(ticker);
    }

    void start() {
        thread.start();
    }

    /** Runs it on the loop's thread, soon. */
    void execute(Runnable call) {
        calls.add(call);
        selector.wakeup();
    }

    /** Runs it on the loop's thread and waits for its end. */
    void call(Runnable call) throws IOException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        execute(() -> {
            try {
                call.run();
                done.complete(null);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        try {
            done.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the embedded DNS server does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the embedded DNS server", e);
        }
    }

    /** On the loop's thread. */
    SelectionKey register(SelectableChannel channel, int operations, Handler handler) throws IOException {
        channel.configureBlocking(false);
        return channel.register(selector, operations, handler);
    }

    /** On the loop's thread: channels that were closed let their descriptors go now, not with the next event. */
    void letGo() throws IOException {
        selector.selectNow();
    }

    /** On the loop's thread: an empty buffer that holds any message, good until the handler returns. */
    ByteBuffer scratch() {
        return scratch.clear();
    }

    private void run() {
        boolean busy = false;
        while (!closing) {
            try {
                selector.select(busy ? TICK_MILLIS : 0);
                // One that waits for a channel again and again does not keep the others from their turn.
                for (int due = calls.size(); due > 0; due--) {
                    safely(() -> {
                        Runnable call = calls.poll();
                        if (call != null) {
                            call.run();
                        }
                    });
                }
                for (SelectionKey key : selector.selectedKeys()) {
                    serve(key);
                }
                selector.selectedKeys().clear();
                boolean waiting = tick();
                busy = waiting || !calls.isEmpty();
            } catch (IOException e) {
                LOG.error("the embedded DNS server cannot wait for its sockets", e);
            } catch (ClosedSelectorException e) {
                return;
            }
        }
    }

    private boolean tick() {
        long now = System.nanoTime();
        boolean any = false;
        for (Ticker ticker : tickers) {
            any |= ticker.tick(now);
        }
        return any;
    }

    private static void serve(SelectionKey key) {
        safely(() -> {
            if (key.isValid()) {
                ((Handler) key.attachment()).ready(key);
            }
        });
    }

    /** One that fails is not to stop the others. */
    private static void safely(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            LOG.error("a DNS query could not be served", e);
        }
    }

    @Override
    public void close() throws IOException {
        closing = true;
        selector.wakeup();
        try {
            thread.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        selector.close();
    }
}
