package io.longshore.platform.client;

import io.longshore.postgres.socket.UnixSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Connects to unix addresses by sockets of our own: those of HttpClient 5.6 (Jep380SocketChannelAdapter) close their channel and not their two
 * selectors, in which the channel stays registered, so each leaves six descriptors for as long as the process lives. Thread-safe.
 */
final class UnixOperator extends DefaultHttpClientConnectionOperator {
    /** {@link Socket#connect} wants one, and a unix socket has its path. */
    private static final InetSocketAddress NOT_USED = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    /** Of a request's context: how long it may take to be connected, as a {@link Duration}. */
    static final String LIMIT = UnixOperator.class.getName() + ".limit";

    private UnixOperator(SchemePortResolver ports, DnsResolver names, TlsSocketStrategy tls) {
        super(
                ports,
                names,
                RegistryBuilder.<TlsSocketStrategy>create()
                        .register("https", tls)
                        .build());
    }

    /** A builder of connection managers that connect so. */
    static PoolingHttpClientConnectionManagerBuilder connections() {
        return new PoolingHttpClientConnectionManagerBuilder() {
            @Override
            protected HttpClientConnectionOperator createConnectionOperator(
                    SchemePortResolver ports, DnsResolver names, TlsSocketStrategy tls) {
                return new UnixOperator(ports, names, tls);
            }
        };
    }

    @Override
    public void connect(
            ManagedHttpClientConnection connection,
            HttpHost host,
            @Nullable NamedEndpoint endpoint,
            @Nullable Path unix,
            @Nullable InetSocketAddress local,
            Timeout most,
            SocketConfig config,
            @Nullable Object attachment,
            HttpContext context)
            throws IOException {
        Timeout limit = context.getAttribute(LIMIT) instanceof Duration own
                ? Timeout.ofMilliseconds(Math.max(1, own.toMillis()))
                : most;
        try {
            if (unix == null) {
                super.connect(connection, host, endpoint, null, local, limit, config, attachment, context);
            } else {
                connect(connection, unix, limit);
            }
        } catch (IOException e) {
            throw NotReached.because(e); // proving who both are belongs to it
        }
    }

    private static void connect(ManagedHttpClientConnection connection, Path unix, Timeout limit) throws IOException {
        Socket socket = UnixSocket.interruptible(unix);
        try {
            socket.connect(NOT_USED, limit.toMillisecondsIntBound());
            connection.bind(socket);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }
}
