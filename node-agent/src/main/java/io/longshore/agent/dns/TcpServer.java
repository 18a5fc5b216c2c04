package io.longshore.agent.dns;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Takes connections of all sandboxes: a few of each, not too many of all, none for long without a query. */
final class TcpServer implements Loop.Ticker {
    /** A resolver needs one; what runs in the container may have several. */
    static final int MAX_PER_SANDBOX = 32;

    static final int MAX = 512;

    /** As miekg/dns, which Docker Engine serves with. */
    static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(8);

    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Loop loop;
    private final Resolver resolver;
    private final Set<TcpSession> sessions = new LinkedHashSet<>();
    private final Set<SelectionKey> paused = new HashSet<>();
    private long pausedAt;

    TcpServer(Loop loop, Resolver resolver) {
        this.loop = loop;
        this.resolver = resolver;
    }

    /** What a sandbox's listening socket is for. */
    Loop.Handler of(DnsSandbox sandbox) {
        return key -> accept(sandbox, key);
    }

    private void accept(DnsSandbox sandbox, SelectionKey key) {
        for (int i = 0; i < MAX_PER_SANDBOX; i++) {
            try {
                SocketChannel client = sandbox.tcp().accept();
                if (client == null) {
                    return;
                }
                accept(sandbox, client);
            } catch (IOException e) {
                // The process may have no descriptor left, and the client still waits: to be told so at once again is
                // no use.
                key.interestOps(0);
                paused.add(key);
                pausedAt = System.nanoTime();
                return;
            }
        }
    }

    private void accept(DnsSandbox sandbox, SocketChannel client) throws IOException {
        if (sandbox.sessions().size() >= Math.min(MAX_PER_SANDBOX, MAX - sessions.size())) {
            client.close();
            return;
        }
        TcpSession session = new TcpSession(this, sandbox, client);
        try {
            session.start(loop.register(client, SelectionKey.OP_READ, session));
        } catch (IOException e) {
            client.close();
            throw e;
        }
        sessions.add(session);
        sandbox.sessions().add(session);
    }

    Loop loop() {
        return loop;
    }

    Resolver resolver() {
        return resolver;
    }

    void forget(TcpSession session) {
        sessions.remove(session);
    }

    @Override
    public boolean tick(long now) {
        if (!paused.isEmpty() && now - pausedAt > PAUSE_NANOS) {
            paused.stream().filter(SelectionKey::isValid).forEach(key -> key.interestOps(SelectionKey.OP_ACCEPT));
            paused.clear();
        }
        for (TcpSession session : List.copyOf(sessions)) {
            if (session.isIdle(now, IDLE_NANOS)) {
                session.close();
            }
        }
        return !paused.isEmpty() || !sessions.isEmpty();
    }
}
