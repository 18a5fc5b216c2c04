package io.longshore.platform.identity;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Connections between parts by TLS 1.3 (RFC 8446), on which each proves who it is. The fleet's authority is all that is believed, and a
 * host's name is not looked at: a part is known by its identity. Thread-safe; the identity may change at any time, and is taken anew for each connection.
 */
public final class MutualTls {
    private static final String PROTOCOL = "TLSv1.3";
    private static final char[] NO_PASSWORD = {};

    private final Supplier<Identity> source;
    /** Of who has no identity yet; null for all others. */
    private final @Nullable SSLContext introduction;

    private volatile @Nullable Ready ready;

    /** @param source gives the identity in effect; its failures come out of what asks for one */
    public MutualTls(Supplier<Identity> source) {
        this(source, null);
    }

    private MutualTls(Supplier<Identity> source, @Nullable SSLContext introduction) {
        this.source = source;
        this.introduction = introduction;
    }

    /** For what speaks to parts of its own machine alone. */
    public static MutualTls none() {
        return new MutualTls(() -> {
            throw new Failure.Unavailable("this part has no identity, and speaks to no other machine");
        });
    }

    /**
     * For a machine that is to join: it has no identity to show, and knows the fleet by its authority's certificate.
     *
     * @param fingerprint SHA-256 of that, in hexadecimal
     */
    public static MutualTls introducing(String fingerprint) {
        try {
            SSLContext context = SSLContext.getInstance(PROTOCOL);
            context.init(null, new TrustManager[] {new KnownAuthority(fingerprint)}, null);
            return new MutualTls(
                    () -> {
                        throw new Failure.Unavailable("this machine has not joined a fleet yet");
                    },
                    context);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM does not speak " + PROTOCOL, e);
        }
    }

    private record Ready(Identity identity, SSLContext context) {}

    private Ready ready() {
        Identity identity = source.get();
        Ready now = ready;
        if (now == null || !now.identity.equals(identity)) {
            now = new Ready(identity, context(identity));
            ready = now;
        }
        return now;
    }

    private static SSLContext context(Identity identity) {
        try {
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, NO_PASSWORD);
            own.setKeyEntry("own", identity.key(), NO_PASSWORD, identity.chain().toArray(new Certificate[0]));
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(own, NO_PASSWORD);
            KeyStore believed = KeyStore.getInstance("PKCS12");
            believed.load(null, NO_PASSWORD);
            believed.setCertificateEntry("authority", identity.authority());
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(believed);
            SSLContext context = SSLContext.getInstance(PROTOCOL);
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this JVM cannot use a key and a certificate that it has read", e);
        }
    }

    /** Who this part is. */
    public Identity identity() {
        return ready().identity;
    }

    /** For a server's end of a connection: to whoever connects it proves who this part is. */
    public SSLEngine serverEngine() {
        SSLEngine engine = ready().context.createSSLEngine();
        engine.setUseClientMode(false);
        return engine;
    }

    /**
     * Makes a connection to a part one by TLS. Blocks for two messages to come, for as long as the socket's own limit.
     *
     * @param connected to the part; closed together with what is returned, by the caller also when this fails
     * @param expected who must be there; null where nobody said, which is refused
     * @throws IOException when the other is not {@code expected}, does not believe us, or is gone
     */
    public SSLSocket connect(Socket connected, String host, int port, @Nullable PartIdentity expected)
            throws IOException {
        if (expected == null) {
            throw new SSLException("nobody said who must be at " + host + ":" + port);
        }
        SSLSocket socket = (SSLSocket) context().getSocketFactory().createSocket(connected, host, port, true);
        socket.setUseClientMode(true);
        socket.setEnabledProtocols(new String[] {PROTOCOL});
        socket.startHandshake();
        PartIdentity found = peer(socket.getSession());
        if (!found.equals(expected)) {
            throw new SSLException(
                    "at " + host + ":" + port + " is " + found.uri() + " and not " + expected.uri() + ", as expected");
        }
        return socket;
    }

    private SSLContext context() throws SSLException {
        try {
            return introduction == null ? ready().context : introduction;
        } catch (Failure e) {
            throw new SSLException(e.text(), e);
        }
    }

    /** Who is at the other end of a connection; {@link SSLException} when that was not proved. */
    private static PartIdentity peer(SSLSession session) throws SSLException {
        try {
            return PartIdentity.of((X509Certificate) session.getPeerCertificates()[0]);
        } catch (SSLPeerUnverifiedException | Failure.Invalid e) {
            throw new SSLException("the other end of a connection has not proved who it is: " + e.getMessage(), e);
        }
    }
}
