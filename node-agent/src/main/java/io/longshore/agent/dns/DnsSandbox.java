package io.longshore.agent.dns;

import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.HashSet;
import java.util.Set;

/** The embedded DNS server of one sandbox. Thread-safe. */
public final class DnsSandbox implements AutoCloseable {
    private final EmbeddedDns server;
    private final Namespaces.Namespace namespace;
    private final DatagramChannel udp;
    private final ServerSocketChannel tcp;
    private final DnsPorts ports;

    /** The loop's alone: clients that are connected, and queries that wait for another server. */
    private final Set<TcpSession> sessions = new HashSet<>();

    private final Set<Exchange> exchanges = new HashSet<>();
    private volatile DnsView view;

    DnsSandbox(
            EmbeddedDns server,
            Namespaces.Namespace namespace,
            DatagramChannel udp,
            ServerSocketChannel tcp,
            DnsPorts ports,
            DnsView view) {
        this.server = server;
        this.namespace = namespace;
        this.udp = udp;
        this.tcp = tcp;
        this.ports = ports;
        this.view = view;
    }

    /** Where port 53 of 127.0.0.11 is to be redirected to. Keep them: after a restart of the agent the server is opened on the same ones. */
    public DnsPorts ports() {
        return ports;
    }

    /** Sets what this sandbox sees from the next query on, and which servers are asked for the rest. */
    public void view(DnsView changed) {
        view = changed;
    }

    DnsView view() {
        return view;
    }

    Namespaces.Namespace namespace() {
        return namespace;
    }

    DatagramChannel udp() {
        return udp;
    }

    ServerSocketChannel tcp() {
        return tcp;
    }

    Set<TcpSession> sessions() {
        return sessions;
    }

    Set<Exchange> exchanges() {
        return exchanges;
    }

    /**
     * Closes all its sockets. When this returns the ports are free and nothing of this server keeps the namespace. Queries that wait are not
     * answered. Closing twice is harmless.
     */
    @Override
    public void close() {
        server.close(this);
    }
}
