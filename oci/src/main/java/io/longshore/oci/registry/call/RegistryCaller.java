package io.longshore.oci.registry.call;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.oci.manifest.ImageJson;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Calls one registry: shows credentials when asked, to its origin alone; follows a few redirects, never from TLS to plain HTTP and only
 * where {@link AddressGuard} lets them lead; and translates errors. Thread-safe; close it to close its connections.
 *
 * <p>Failures are {@link RegistryError} for what the registry refuses and {@link Unreachable} where it did not answer.
 */
public final class RegistryCaller implements AutoCloseable {
    /** More than an operation with three transfers at once needs. */
    private static final int CONNECTIONS = 16;

    private static final int MAX_REDIRECTS = 5;
    /** Of an error's document. */
    private static final int MAX_ERROR = 64 << 10;

    /** Of a line of an answer's head, and how many there may be: addresses of object stores with a signature are the longest. */
    private static final int MAX_LINE = 16 << 10;

    private static final int MAX_HEADERS = 200;
    /** For all of an answer that is not a layer. The idle timeout alone lets one come byte by byte for ever. */
    private static final Pattern ALERT = Pattern.compile("Received fatal alert: (\\w+)");

    private static final Duration DOCUMENT = Duration.ofMinutes(2);

    private static final Timeout CONNECT = Timeout.ofSeconds(10);
    /** For a TLS handshake, in seconds, with a server that may speak plain HTTP: some wait for more instead of refusing it. */
    private static final int GUESS = 3;

    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final RegistryHost registry;
    private final String certificates;
    private final CloseableHttpClient client;
    private final RequestConfig config;
    private final Authorization authorization;

    /**
     * @param login as whom, null for nobody
     * @param scopes what for, as token servers write it: {@code repository:library/busybox:pull}
     */
    public RegistryCaller(
            RegistryHost registry, RegistryAccess access, @Nullable RegistryLogin login, List<String> scopes) {
        this.registry = registry;
        this.certificates = access.certificates() + "/" + registry.name();
        Timeout idle = Timeout.ofSeconds(access.idleSeconds());
        this.config = RequestConfig.custom()
                .setConnectionRequestTimeout(idle)
                .setResponseTimeout(idle)
                .setRedirectsEnabled(false)
                .setExpectContinueEnabled(false)
                .build();
        this.client = client(registry, access, idle);
        this.authorization = new Authorization(registry, login, scopes, this::token);
    }

    private static CloseableHttpClient client(RegistryHost registry, RegistryAccess access, Timeout idle) {
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setDnsResolver(new AddressGuard(registry.host(), access))
                        .setTlsSocketStrategy(new Certificates(registry.name(), access))
                        .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                                .http1Config(Http1Config.custom()
                                        .setMaxLineLength(MAX_LINE)
                                        .setMaxHeaderCount(MAX_HEADERS)
                                        .build())
                                .build())
                        .setMaxConnPerRoute(CONNECTIONS)
                        .setMaxConnTotal(2 * CONNECTIONS)
                        .setDefaultTlsConfig(TlsConfig.custom()
                                .setHandshakeTimeout(registry.verified() ? CONNECT : guess(access))
                                .build())
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(CONNECT)
                                .setSocketTimeout(idle)
                                .setValidateAfterInactivity(TimeValue.ofSeconds(2))
                                .build())
                        .build())
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableContentCompression()
                .disableAuthCaching()
                .disableConnectionState()
                .setUserAgent("longshore")
                .build();
    }

    private static Timeout guess(RegistryAccess access) {
        return Timeout.ofSeconds(Math.min(GUESS, access.idleSeconds()));
    }

    /** Which one it calls. */
    public RegistryHost registry() {
        return registry;
    }

    /** What a token server gave for later, instead of the password; null when it gave none. */
    public @Nullable String refreshToken() {
        return authorization.refreshToken();
    }

    /** The registry did not answer, or not in time, or what it answered was cut. */
    public static final class Unreachable extends Failure.Unavailable {
        Unreachable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Sends a request and gives what its answer means. */
    public <T> T call(Exchange<T> exchange) {
        URI target = registry.base();
        try {
            // Often a URL that the registry has named.
            target = resolved(target, exchange.target(), "leads to");
            return call(exchange, target);
        } catch (IOException e) {
            throw translated(exchange.method(), target, e);
        }
    }

    private <T> T call(Exchange<T> exchange, URI first) throws IOException {
        URI uri = first;
        boolean authorized = false;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; ) {
            String shown = registry.isOriginOf(uri) ? authorization.header() : null;
            try (Answer answer = send(exchange, uri, shown)) {
                int status = answer.status();
                if (status == 401 && registry.isOriginOf(uri) && !authorized) {
                    authorized = true;
                    byte[] body = answer.bytes(MAX_ERROR);
                    if (!authorization.challenged(Challenge.parse(answer.headers("WWW-Authenticate")), shown)) {
                        throw RegistryError.of(status, body);
                    }
                } else if (REDIRECTS.contains(status) && isRead(exchange)) {
                    redirects++;
                    uri = resolved(uri, answer.header("Location"), "redirected to");
                } else if (status >= 200 && status < 300) {
                    return exchange.answer(answer);
                } else {
                    throw RegistryError.of(status, answer.bytes(MAX_ERROR));
                }
            }
        }
        throw new IOException("stopped after " + MAX_REDIRECTS + " redirects");
    }

    private static boolean isRead(Exchange<?> exchange) {
        return exchange.method().equals("GET") || exchange.method().equals("HEAD");
    }

    private Answer send(Exchange<?> exchange, URI uri, @Nullable String shown) throws IOException {
        HttpUriRequestBase request = new HttpUriRequestBase(exchange.method(), uri);
        exchange.accept().forEach(type -> request.addHeader("Accept", type));
        if (exchange.range() != null) {
            request.setHeader("Range", exchange.range());
        }
        if (shown != null) {
            request.setHeader("Authorization", shown);
        }
        if (exchange.body() != null) {
            request.setEntity(exchange.body());
        }
        return open(request, uri);
    }

    private Answer open(HttpUriRequestBase request, URI uri) throws IOException {
        request.setHeader("Accept-Encoding", "identity");
        request.setConfig(config);
        HttpHost host = new HttpHost(uri.getScheme(), uri.getHost(), uri.getPort());
        Deadline deadline = new Deadline(isUpload(request) ? Duration.ofDays(1) : DOCUMENT, request::cancel);
        try {
            return new Answer(client.executeOpen(host, request, null), uri, deadline, request::cancel);
        } catch (IOException e) {
            throw deadline.said(e);
        } catch (RuntimeException e) {
            deadline.close();
            throw e;
        }
    }

    /** A layer, which takes the time that it takes. */
    private static boolean isUpload(HttpUriRequestBase request) {
        HttpEntity body = request.getEntity();
        return body != null && (body.getContentLength() < 0 || body.getContentLength() > ImageJson.MAX_BYTES);
    }

    private static URI resolved(URI from, @Nullable String location, String verb) throws IOException {
        URI to;
        try {
            to = from.resolve(location == null ? "" : location);
        } catch (IllegalArgumentException e) {
            throw new IOException(verb + " what is no URL", e);
        }
        boolean safe =
                "https".equals(to.getScheme()) || ("http".equals(to.getScheme()) && "http".equals(from.getScheme()));
        if (location == null || to.getHost() == null || to.getUserInfo() != null || !safe) {
            throw new IOException(verb + " \"" + RegistryError.printable(String.valueOf(location))
                    + "\", which is refused: it must be an https URL");
        }
        return to;
    }

    private TokenRequest.Token token(TokenRequest request, @Nullable RegistryLogin login) throws IOException {
        try (Answer answer = open(request.request(login), request.realm())) {
            byte[] body = answer.bytes(TokenRequest.MAX_BYTES);
            if (answer.status() == 200) {
                return TokenRequest.Token.parse(body);
            }
            if (REDIRECTS.contains(answer.status())) {
                throw new IOException("the token server " + request.realm().getHost() + " redirects, which is refused");
            }
            throw RegistryError.of(answer.status() == 404 ? 401 : answer.status(), body);
        }
    }

    /** In the words of Go's client, which people know from Docker. */
    private Failure translated(String method, URI uri, IOException e) {
        String verb = method.charAt(0) + method.substring(1).toLowerCase(Locale.ROOT);
        String dial = "dial tcp " + uri.getHost() + ":" + RegistryHost.port(uri) + ": ";
        String why = switch (e) {
            case AddressGuard.RefusedAddress refused -> String.valueOf(refused.getMessage());
            case ConnectTimeoutException timeout -> dial + "i/o timeout";
            case ConnectException refused -> dial + "connect: connection refused";
            case UnknownHostException unknown -> "dial tcp: lookup " + uri.getHost() + ": no such host";
            case SocketTimeoutException silent ->
                "net/http: request canceled (Client.Timeout exceeded while awaiting headers)";
            case SSLException refused
            when ALERT.matcher(String.valueOf(refused.getMessage())).find() -> alert(refused);
            case SSLHandshakeException handshake -> "tls: failed to verify certificate: x509: " + x509(handshake, uri);
            case SSLPeerUnverifiedException other ->
                "tls: failed to verify certificate: x509: certificate is not valid for " + uri.getHost();
            case SSLException tls -> noTls(tls);
            case InterruptedIOException interrupted -> "context canceled";
            case SocketException broken
            when "https".equals(uri.getScheme()) ->
                broken.getMessage() + ": the registry broke off; if it asks for a client certificate, put one into "
                        + certificates;
            default -> String.valueOf(e.getMessage());
        };
        return new Unreachable(verb + " \"" + uri + "\": " + why, e);
    }

    private static String x509(SSLHandshakeException e, URI uri) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("PKIX path") || message.contains("unable to find valid certification path")) {
            return "certificate signed by unknown authority";
        }
        // "No subject alternative names matching IP address ...", "No name matching ... found"
        return message.contains("matching") ? "certificate is not valid for " + uri.getHost() : message;
    }

    /** What the registry says of us, such as that it asks for a certificate (RFC 8446, 6). */
    private static String alert(SSLException e) {
        Matcher alert = ALERT.matcher(String.valueOf(e.getMessage()));
        return "remote error: tls: " + (alert.find() ? alert.group(1).replace('_', ' ') : "");
    }

    private static String noTls(SSLException e) {
        String message = String.valueOf(e.getMessage());
        return message.startsWith("Unsupported or unrecognized SSL message")
                ? "http: server gave HTTP response to HTTPS client"
                : "tls: " + message;
    }

    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
    }
}
