package io.longshore.agent.dns;

import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.linux.Syscalls;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads that open sockets in the network namespaces of sandboxes (setns(2)). A socket belongs to the namespace that it was opened in and
 * is good on any thread then. A thread that is not needed ends after a second, and is in the node's namespace between two sockets, so that
 * it keeps no namespace alive; one that cannot come back ends at once. Thread-safe.
 */
final class Namespaces implements AutoCloseable {
    /** Work inside of a namespace. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    /** A network namespace that stays as long as this is not closed. */
    final class Namespace implements AutoCloseable {
        private final Fd descriptor;
        private boolean closed;

        private Namespace(Fd descriptor) {
            this.descriptor = descriptor;
        }

        /** On one of these threads only. Work and closing wait for each other: a number that was closed may be another file already. */
        private synchronized <T> T within(Work<T> work) throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
            kernel.setns(descriptor, ProcessFlags.CLONE_NEWNET);
            try {
                return work.run();
            } finally {
                comeBack();
            }
        }

        private void comeBack() {
            try {
                kernel.setns(node, ProcessFlags.CLONE_NEWNET);
            } catch (IOException | RuntimeException e) {
                throw new ThreadIsLost(e);
            }
        }

        @Override
        public synchronized void close() {
            closed = true;
            descriptor.close();
        }
    }

    /** The calling thread is in another network namespace than the node's, and must end. */
    private static final class ThreadIsLost extends IllegalStateException {
        ThreadIsLost(Exception cause) {
            super("a thread cannot leave a container's network namespace", cause);
        }
    }

    /** What becomes of work. Called on one of these threads. */
    interface Outcome<T> {
        void made(T result);

        void failed(IOException error);
    }

    private static final int THREADS = 2;

    /** For the socket that is being opened. */
    private static final long PATIENCE_SECONDS = 10;

    private final Syscalls kernel;
    private final Fd node;
    private final ThreadPoolExecutor threads;

    /** @param waiting how much work may wait for a thread */
    Namespaces(Syscalls kernel, int waiting) throws IOException {
        this.kernel = kernel;
        node = kernel.open("/proc/self/ns/net", OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC, 0);
        threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                1,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(waiting),
                Thread.ofPlatform().daemon().name("dns-namespace-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /** @param descriptor is copied and stays the caller's */
    Namespace of(Fd descriptor) throws IOException {
        return new Namespace(kernel.dup(descriptor));
    }

    /** Does the work inside of the namespace, later. */
    <T> void enter(Namespace namespace, Work<T> work, Outcome<T> outcome) {
        try {
            threads.execute(() -> {
                try {
                    outcome.made(namespace.within(work));
                } catch (IOException e) {
                    outcome.failed(e);
                } catch (ThreadIsLost e) {
                    outcome.failed(new IOException(e));
                    throw e;
                } catch (RuntimeException e) {
                    // An address family that the JVM does without.
                    outcome.failed(new IOException(e));
                }
            });
        } catch (RejectedExecutionException e) {
            outcome.failed(new IOException("too many sockets of containers are being opened", e));
        }
    }

    @Override
    public void close() {
        threads.shutdown();
        try {
            // Who is inside of a namespace still needs the way back.
            if (threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                node.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
