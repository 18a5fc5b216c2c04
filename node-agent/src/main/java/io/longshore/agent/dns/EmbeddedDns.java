package io.longshore.agent.dns;

import io.longshore.agent.etc.ResolvConf;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.Syscalls;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Docker's embedded DNS: a server at 127.0.0.11 in the network namespace of each sandbox that is on a user-defined network. It knows the
 * names on the networks of that sandbox ({@link NetworkNames}, {@link DnsView}) and asks other servers for the rest. All sandboxes share one
 * thread; a sandbox takes two sockets and no thread. Thread-safe.
 *
 * <pre>{@code
 * NetworkNames names = new NetworkNames();
 * EmbeddedDns dns = EmbeddedDns.start(kernel, names, Path.of("/etc/resolv.conf"));
 * names.put(networkId, endpointId, NetworkNames.of("web", aliases, containerId, hostname), addresses);
 * DnsSandbox server = dns.open(namespace, null, new DnsView(List.of(network), List.of(), true, false));
 * // redirect port 53 of 127.0.0.11 to server.ports(), inside of the namespace; keep the ports for after a restart
 * server.view(changed);       // connect, disconnect
 * server.close();
 * names.remove(networkId, endpointId);
 * }</pre>
 */
public final class EmbeddedDns implements AutoCloseable {
    /** What has been served since the start. */
    public record Counts(long answered, long forwarded, long refused) {}

    private static final InetAddress ADDRESS = InetAddress.ofLiteral(ResolvConf.EMBEDDED);

    /** For opening two sockets. */
    private static final long PATIENCE_SECONDS = 10;

    private record Sockets(DatagramChannel udp, ServerSocketChannel tcp) {}

    private final Loop loop;
    private final Namespaces namespaces;
    private final Resolver resolver;
    private final Forwarder forwarder;
    private final TcpServer tcp;

    private EmbeddedDns(Syscalls kernel, NetworkNames names, Path resolvConf) throws IOException {
        loop = new Loop("embedded-dns");
        namespaces = new Namespaces(kernel, Forwarder.MAX);
        forwarder = new Forwarder(loop, namespaces, new NodeServers(resolvConf));
        resolver = new Resolver(new LocalAnswers(names), forwarder);
        tcp = new TcpServer(loop, resolver);
        loop.add(forwarder);
        loop.add(tcp);
    }

    /**
     * Starts it, with no sandbox yet. The calling process must be in the node's network namespace.
     *
     * @param resolvConf the node's, which is read when it is needed and has changed
     */
    public static EmbeddedDns start(Syscalls kernel, NetworkNames names, Path resolvConf) {
        try {
            EmbeddedDns dns = new EmbeddedDns(kernel, names, resolvConf);
            dns.loop.start();
            return dns;
        } catch (IOException e) {
            throw new Failure.Internal("cannot start the embedded DNS server: " + e.getMessage(), e);
        }
    }

    /**
     * Opens a sandbox's server; when this returns it answers. The namespace's loopback must be up.
     *
     * @param namespace of the network; copied, it stays the caller's
     * @param ports those that it had before a restart of the agent; null for any
     * @throws Failure.Conflict if one of the ports is taken: the caller may open it on others, and redirect to those
     * @throws Failure.Internal if it cannot be opened
     */
    public DnsSandbox open(Fd namespace, @Nullable DnsPorts ports, DnsView view) {
        Namespaces.Namespace entered = null;
        Sockets sockets = null;
        try {
            entered = namespaces.of(namespace);
            sockets = sockets(entered, ports == null ? new DnsPorts(0, 0) : ports);
            DnsPorts bound = new DnsPorts(
                    port(sockets.udp().getLocalAddress()), port(sockets.tcp().getLocalAddress()));
            DnsSandbox sandbox = new DnsSandbox(this, entered, sockets.udp(), sockets.tcp(), bound, view);
            loop.call(() -> serve(sandbox));
            return sandbox;
        } catch (IOException e) {
            abandon(entered, sockets);
            throw refusal(ports, e);
        }
    }

    private Sockets sockets(Namespaces.Namespace namespace, DnsPorts ports) throws IOException {
        CompletableFuture<Sockets> opened = new CompletableFuture<>();
        namespaces.enter(namespace, () -> bind(ports), new Namespaces.Outcome<Sockets>() {
            @Override
            public void made(Sockets result) {
                if (!opened.complete(result)) {
                    abandon(null, result);
                }
            }

            @Override
            public void failed(IOException error) {
                opened.completeExceptionally(error);
            }
        });
        try {
            return opened.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw leave(opened, new IOException("no socket within " + PATIENCE_SECONDS + " s", e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw leave(opened, new IOException("interrupted while a socket was opened", e));
        }
    }

    /** What came at the last moment is closed. */
    private static IOException leave(CompletableFuture<Sockets> opened, IOException error) {
        if (!opened.completeExceptionally(error) && !opened.isCompletedExceptionally()) {
            abandon(null, opened.join());
        }
        return error;
    }

    private static Sockets bind(DnsPorts ports) throws IOException {
        DatagramChannel udp = DatagramChannel.open(StandardProtocolFamily.INET);
        ServerSocketChannel tcp = null;
        try {
            udp.bind(new InetSocketAddress(ADDRESS, ports.udp()));
            tcp = ServerSocketChannel.open(StandardProtocolFamily.INET);
            tcp.bind(new InetSocketAddress(ADDRESS, ports.tcp()), TcpServer.MAX_PER_SANDBOX);
            return new Sockets(udp, tcp);
        } catch (IOException e) {
            close(udp);
            close(tcp);
            throw e;
        }
    }

    private void serve(DnsSandbox sandbox) {
        try {
            loop.register(sandbox.udp(), SelectionKey.OP_READ, new UdpServer(sandbox, loop, resolver));
            loop.register(sandbox.tcp(), SelectionKey.OP_ACCEPT, tcp.of(sandbox));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void close(DnsSandbox sandbox) {
        try {
            loop.call(() -> {
                List.copyOf(sandbox.exchanges()).forEach(Exchange::cancel);
                List.copyOf(sandbox.sessions()).forEach(TcpSession::close);
                close(sandbox.udp());
                close(sandbox.tcp());
                letGo();
            });
        } catch (IOException e) {
            // The loop has ended, and all its sockets with it.
            close(sandbox.udp());
            close(sandbox.tcp());
        }
        sandbox.namespace().close();
    }

    private void letGo() {
        try {
            loop.letGo();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Failure refusal(@Nullable DnsPorts ports, IOException error) {
        String message = "cannot open the embedded DNS server at " + ResolvConf.EMBEDDED
                + (ports == null ? "" : " on ports " + ports.udp() + " (UDP) and " + ports.tcp() + " (TCP)") + ": "
                + error.getMessage();
        return error instanceof java.net.BindException && ports != null
                ? new Failure.Conflict(message, error)
                : new Failure.Internal(message, error);
    }

    /** For metrics. */
    public Counts counts() {
        return new Counts(resolver.answered(), forwarder.forwarded(), forwarder.refused());
    }

    private static void abandon(Namespaces.@Nullable Namespace namespace, @Nullable Sockets sockets) {
        if (sockets != null) {
            close(sockets.udp());
            close(sockets.tcp());
        }
        if (namespace != null) {
            namespace.close();
        }
    }

    private static void close(@Nullable SelectableChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // It is closed all the same.
            return;
        }
    }

    private static int port(SocketAddress address) {
        return ((InetSocketAddress) address).getPort();
    }

    /** Stops serving. Close the sandboxes first. */
    @Override
    public void close() {
        try {
            loop.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            namespaces.close();
        }
    }
}
