package io.longshore.agent.dns;

import io.longshore.agent.dns.wire.Query;
import io.longshore.agent.dns.wire.Wire;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Rcode;

/** Asks other servers what no network of a sandbox knows. On the loop's thread. */
final class Forwarder implements Loop.Ticker {
    /** Queries of all sandboxes that wait for other servers, as Docker Engine has it for each. */
    static final int MAX = 1024;

    /** For an answer of one server, as Docker Engine has it. */
    static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(4);

    private static final int DNS_PORT = 53;

    /** @param fromNode whether it is asked from the node's namespace, else from the sandbox's */
    record Upstream(InetAddress address, boolean fromNode) {}

    private final Loop loop;
    private final Namespaces namespaces;
    private final NodeServers node;
    private final SecureRandom random = new SecureRandom();
    private final Set<Exchange> exchanges = new LinkedHashSet<>();
    private final LongAdder forwarded = new LongAdder();
    private final LongAdder refused = new LongAdder();

    Forwarder(Loop loop, Namespaces namespaces, NodeServers node) {
        this.loop = loop;
        this.namespaces = namespaces;
        this.node = node;
    }

    /**
     * Asks one server after the other. Where there is none to ask the answer is SERVFAIL, as Docker Engine's, for a sandbox on internal
     * networks alone too: NXDOMAIN would say of names that exist elsewhere that they do not, and resolvers remember that.
     */
    void forward(DnsSandbox sandbox, Query query, boolean tcp, Consumer<byte[]> reply) {
        List<Upstream> upstreams = upstreams(sandbox.view());
        if (upstreams.isEmpty()) {
            reply.accept(Wire.error(query, Rcode.SERVFAIL));
            return;
        }
        // Nobody has more than is left for others: one alone gets half, and each of several an equal part in the end.
        if (sandbox.exchanges().size() >= MAX - exchanges.size()) {
            refused.increment();
            reply.accept(Wire.error(query, Rcode.REFUSED));
            return;
        }
        forwarded.increment();
        Exchange exchange = new Exchange(this, sandbox, query, tcp, reply);
        exchanges.add(exchange);
        sandbox.exchanges().add(exchange);
        exchange.start(upstreams.iterator());
    }

    private List<Upstream> upstreams(DnsView view) {
        if (!view.servers().isEmpty()) {
            return view.servers().stream()
                    .map(server -> new Upstream(server, false))
                    .toList();
        }
        return view.external()
                ? node.servers().stream()
                        .map(server -> new Upstream(server, true))
                        .toList()
                : List.of();
    }

    /** Opens a socket where the server is to be asked from. The outcome comes on the loop's thread; null is a failure. */
    void open(Exchange exchange, Upstream upstream, boolean tcp, Consumer<@Nullable SelectableChannel> outcome) {
        if (upstream.fromNode()) {
            outcome.accept(socketOrNull(upstream, tcp));
            return;
        }
        namespaces.enter(
                exchange.sandbox().namespace(),
                () -> socket(upstream, tcp),
                new Namespaces.Outcome<SelectableChannel>() {
                    @Override
                    public void made(SelectableChannel channel) {
                        loop.execute(() -> outcome.accept(channel));
                    }

                    @Override
                    public void failed(IOException error) {
                        loop.execute(() -> outcome.accept(null));
                    }
                });
    }

    private static @Nullable SelectableChannel socketOrNull(Upstream upstream, boolean tcp) {
        try {
            return socket(upstream, tcp);
        } catch (IOException | RuntimeException e) {
            // No descriptor left, or an address family that the JVM does without.
            return null;
        }
    }

    private static SelectableChannel socket(Upstream upstream, boolean tcp) throws IOException {
        StandardProtocolFamily family =
                upstream.address() instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        return tcp ? SocketChannel.open(family) : DatagramChannel.open(family);
    }

    static InetSocketAddress address(Upstream upstream) {
        return new InetSocketAddress(upstream.address(), DNS_PORT);
    }

    /** One that cannot be guessed. */
    int id() {
        return random.nextInt(1 << 16);
    }

    Loop loop() {
        return loop;
    }

    void forget(Exchange exchange) {
        exchanges.remove(exchange);
    }

    /** Queries that were sent to other servers. */
    long forwarded() {
        return forwarded.sum();
    }

    /** Queries that were not, since too many waited. */
    long refused() {
        return refused.sum();
    }

    @Override
    public boolean tick(long now) {
        for (Exchange exchange : List.copyOf(exchanges)) {
            exchange.expire(now);
        }
        return !exchanges.isEmpty();
    }
}
