package io.longshore.platform.client;

import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.identity.PartIdentity;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.time.Duration;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP client of one part: a bounded pool of keep-alive connections. No redirects, cookies, decompression or retries: a call is
 * sent once, but for one that may be {@link Again sent again} and whose kept connection turns out stale before any answer.
 */
public final class Connections implements Closeable {
    /** Calls under way to one part; long-lived streams have connections of their own. */
    private static final int PER_ROUTE = 256;
    /** To all parts together. */
    private static final int TOTAL = 1024;
    /** Servers keep an idle connection for longer than this, so that a stale one is rare. */
    private static final TimeValue IDLE = TimeValue.ofSeconds(60);

    /** What a burst of calls has opened is closed when it has not been used for that long. */
    private static final TimeValue LEFT_OVER = TimeValue.ofSeconds(10);

    /** A connection has the certificates of its beginning: no longer than a part of the shortest certificate's life. */
    private static final TimeValue LONGEST = TimeValue.ofMinutes(10);

    private static final Duration CONNECT = Duration.ofSeconds(5);

    /** Of a line of a stranger's head, in bytes, and how many there may be. */
    private static final int MAX_LINE = 16 << 10;

    private static final int MAX_HEADERS = 100;

    private static final HttpHost LOCAL = new HttpHost("http", "localhost", 80);

    private final CloseableHttpClient client;

    /** For parts of Longshore on this machine. */
    public Connections() {
        this(MutualTls.none());
    }

    /** For parts of Longshore, to those on other machines as who {@code tls} says. */
    public Connections(MutualTls tls) {
        this(Http1Config.DEFAULT, tls);
    }

    private Connections(Http1Config bounds, MutualTls tls) {
        PoolingHttpClientConnectionManager pool = UnixOperator.connections()
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                        .http1Config(bounds)
                        .build())
                .setTlsSocketStrategy(
                        (socket, host, port, attachment, context) -> tls.connect(socket, host, port, expected(context)))
                .setMaxConnPerRoute(PER_ROUTE)
                .setMaxConnTotal(TOTAL)
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(CONNECT))
                        .setValidateAfterInactivity(TimeValue.ofSeconds(2))
                        .setIdleTimeout(Timeout.of(IDLE.getDuration(), IDLE.getTimeUnit()))
                        .setTimeToLive(LONGEST)
                        .build())
                .build();
        client = HttpClients.custom()
                .setConnectionManager(pool)
                .evictIdleConnections(LEFT_OVER)
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableContentCompression()
                .disableAuthCaching()
                .disableConnectionState()
                .disableDefaultUserAgent()
                .build();
    }

    /** For what is not trusted: the head of an answer is bounded; its body is the reader's to bound. */
    public static Connections toStrangers() {
        return new Connections(
                Http1Config.custom()
                        .setMaxLineLength(MAX_LINE)
                        .setMaxHeaderCount(MAX_HEADERS)
                        .build(),
                MutualTls.none());
    }

    /**
     * Sends a request to an address and has the answer read. Thread-safe.
     *
     * @param limit for each wait: for a connection, and for the next bytes of the answer
     * @param reader takes the answer; what it throws comes out of here
     * @throws NotReached when nothing was sent
     * @throws IOException when the address does not answer; {@link InterruptedIOException} also when the thread was interrupted meanwhile
     */
    public <T> T send(HttpUriRequestBase request, Address target, Duration limit, HttpClientResponseHandler<T> reader)
            throws IOException {
        return send(request, target, new Limits(CONNECT, limit), reader);
    }

    /**
     * How long may be waited.
     *
     * @param connect for being connected, in no case longer than {@code answer}
     * @param answer for a connection, and for the next bytes of the answer
     */
    public record Limits(Duration connect, Duration answer) {}

    /** What may be sent once more when it may have been done already, but nothing of an answer came; methods as RFC 9110, 9.2, has them. */
    public enum Again {
        /** Idempotent methods: of calls within Longshore, which mean one thing however often they come. */
        IDEMPOTENT,
        /**
         * Safe methods: of clients' requests. What a removal named is not found when it comes again, or is another thing by then, of the same
         * name.
         */
        SAFE;

        private boolean allows(String method) {
            return switch (method) {
                case "GET", "HEAD" -> true;
                case "PUT", "DELETE" -> this == IDEMPOTENT;
                default -> false;
            };
        }
    }

    /** As above. */
    public <T> T send(HttpUriRequestBase request, Address target, Limits limits, HttpClientResponseHandler<T> reader)
            throws IOException {
        return send(request, target, limits, Again.IDEMPOTENT, reader);
    }

    /**
     * As above.
     *
     * @param again whether it is sent once more when a kept connection breaks before any answer
     */
    public <T> T send(
            HttpUriRequestBase request, Address target, Limits limits, Again again, HttpClientResponseHandler<T> reader)
            throws IOException {
        Duration limit = limits.answer;
        Timeout timeout = Timeout.ofMilliseconds(Math.max(1, limit.toMillis()));
        RequestConfig.Builder config = RequestConfig.custom()
                .setConnectionRequestTimeout(timeout)
                .setResponseTimeout(timeout)
                .setExpectContinueEnabled(false);
        if (target instanceof Address.Unix unix) {
            config.setUnixDomainSocket(unix.path());
        }
        request.setConfig(config.build());
        HttpHost host = switch (target) {
            case Address.Unix _ -> LOCAL;
            case Address.Tcp tcp -> new HttpHost("http", tcp.host(), tcp.port());
            case Address.Tls tls -> new HttpHost("https", tls.host(), tls.port());
        };
        boolean[] answered = {false};
        try {
            return client.execute(host, request, context(target, limits), answer -> {
                answered[0] = true;
                return reader.handleResponse(answer);
            });
        } catch (ConnectException | InterruptedIOException e) {
            throw e; // Nobody is there, or the time is over.
        } catch (IOException stale) {
            refuseInterrupted(stale);
            // A kept connection that the other side closed meanwhile; where nothing of an answer came, the call goes
            // again if it may. Of an answer that is cut the reader has passed a part on already.
            if (answered[0]) {
                throw stale;
            }
            if (!again.allows(request.getMethod())) {
                throw new Unanswered(stale, false);
            }
        }
        try {
            return client.execute(host, request, context(target, limits), answer -> {
                answered[0] = true;
                return reader.handleResponse(answer);
            });
        } catch (ConnectException | InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            refuseInterrupted(e);
            throw answered[0] ? e : new Unanswered(e, true);
        }
    }

    private static void refuseInterrupted(IOException problem) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            // java.net says of a virtual thread that the socket is closed.
            throw (IOException) new InterruptedIOException("interrupted in a call").initCause(problem);
        }
    }

    private static @Nullable PartIdentity expected(HttpContext context) {
        return HttpClientContext.castOrCreate(context).getUserToken() instanceof PartIdentity who ? who : null;
    }

    /** A connection is for requests to one part alone, even where another takes over its address. */
    private static HttpClientContext context(Address target, Limits limits) {
        HttpClientContext context = HttpClientContext.create();
        context.setAttribute(
                UnixOperator.LIMIT, limits.connect.compareTo(limits.answer) < 0 ? limits.connect : limits.answer);
        if (target instanceof Address.Tls tls) {
            context.setUserToken(tls.expected());
        }
        return context;
    }

    /** Closes every connection at once. */
    @Override
    public void close() throws IOException {
        client.close(CloseMode.IMMEDIATE);
    }
}
