package io.longshore.agent.linux.netlink;

import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.linux.Syscalls;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A network namespace (network_namespaces(7)), held by a descriptor, with a socket to its part of the kernel. Thread-safe.
 */
public final class NetworkNamespace implements AutoCloseable {
    /** Work in a namespace is some system calls. */
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final Fd descriptor;
    private final NetlinkSocket route;
    private final Syscalls syscalls;

    private NetworkNamespace(Syscalls syscalls, Fd descriptor, NetlinkSocket route) {
        this.syscalls = syscalls;
        this.descriptor = descriptor;
        this.route = route;
    }

    /** What is done in a namespace. */
    @FunctionalInterface
    public interface Work<T> {
        T run() throws IOException;
    }

    /** Makes one; {@code prepare} runs in it first, on a thread that is thrown away. */
    public static NetworkNamespace create(Syscalls syscalls, Work<?> prepare) throws IOException {
        return onThread(() -> {
            syscalls.unshare(ProcessFlags.CLONE_NEWNET);
            Fd descriptor = syscalls.open("/proc/thread-self/ns/net", OpenFlags.O_RDONLY, 0);
            return opened(syscalls, descriptor, prepare);
        });
    }

    /**
     * Opens one that exists.
     *
     * @param path of its nsfs mount, or {@code /proc/PID/ns/net}
     */
    public static NetworkNamespace open(Syscalls syscalls, String path) throws IOException {
        return open(syscalls, syscalls.open(path, OpenFlags.O_RDONLY, 0));
    }

    /** Takes over a descriptor of one. */
    public static NetworkNamespace open(Syscalls syscalls, Fd descriptor) throws IOException {
        return onThread(() -> {
            try {
                syscalls.setns(descriptor, ProcessFlags.CLONE_NEWNET);
            } catch (ErrnoException e) {
                descriptor.close();
                throw e;
            }
            return opened(syscalls, descriptor, () -> descriptor);
        });
    }

    private static NetworkNamespace opened(Syscalls syscalls, Fd descriptor, Work<?> prepare) throws IOException {
        try {
            NetlinkSocket route = NetlinkSocket.route(syscalls);
            try {
                route.execute(List.of(Links.up(1)));
                prepare.run();
                return new NetworkNamespace(syscalls, descriptor, route);
            } catch (IOException | RuntimeException e) {
                route.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            descriptor.close();
            throw e;
        }
    }

    /** For setns(2). */
    public Fd descriptor() {
        return descriptor;
    }

    /** A path by which other processes of the node find it while it is open here, whatever they have mounted. */
    public String path() {
        return "/proc/" + ProcessHandle.current().pid() + "/fd/" + descriptor.number();
    }

    /** Speaks to the kernel about what is in it. */
    public NetlinkSocket route() {
        return route;
    }

    /**
     * Works in it, on a platform thread that is thrown away: sockets that are opened there belong to the namespace, and stay good for every
     * thread.
     */
    public <T> T inside(Work<T> work) throws IOException {
        return onThread(() -> {
            syscalls.setns(descriptor, ProcessFlags.CLONE_NEWNET);
            return work.run();
        });
    }

    private static <T> T onThread(Work<T> work) throws IOException {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("namespace").start(() -> {
            try {
                result.complete(work.run());
            } catch (IOException | RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException runtime -> throw runtime;
                case null, default -> throw new IOException("work in a network namespace failed", e.getCause());
            }
        } catch (TimeoutException e) {
            throw new IOException("work in a network namespace did not end within " + DEADLINE, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted while working in a network namespace");
        }
    }

    @Override
    public void close() {
        route.close();
        descriptor.close();
    }
}
