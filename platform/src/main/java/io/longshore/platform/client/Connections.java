package io.longshore.platform.client;

import java.io.Closeable;
import java.io.IOException;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * The HTTP client of one part: a bounded pool of keep-alive connections. No redirects, cookies, decompression or retries: a call is
 * sent once, but for an idempotent one whose kept connection turns out stale before any answer.
 */
public final class Connections implements Closeable {
    /** Calls under way to one part; long-lived streams have connections of their own. */
    private static final int PER_ROUTE = 256;
    /** To all parts together. */
    private static final int TOTAL = 1024;
    /** Servers keep an idle connection for longer than this, so that a stale one is rare. */
    private static final TimeValue IDLE = TimeValue.ofSeconds(60);

    private static final Timeout CONNECT = Timeout.ofSeconds(5);

    private final CloseableHttpClient client;

    public Connections() {
        PoolingHttpClientConnectionManager pool = PoolingHttpClientConnectionManagerBuilder.create()
                .setMaxConnPerRoute(PER_ROUTE)
                .setMaxConnTotal(TOTAL)
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(CONNECT)
                        .setValidateAfterInactivity(TimeValue.ofSeconds(2))
                        .setIdleTimeout(Timeout.of(IDLE.getDuration(), IDLE.getTimeUnit()))
                        .build())
                .build();
        client = HttpClients.custom()
                .setConnectionManager(pool)
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableContentCompression()
                .disableAuthCaching()
                .disableConnectionState()
                .disableDefaultUserAgent()
                .build();
    }

    /** The client, thread-safe. */
    public CloseableHttpClient client() {
        return client;
    }

    /** Closes every connection at once. */
    @Override
    public void close() throws IOException {
        client.close(CloseMode.IMMEDIATE);
    }
}
