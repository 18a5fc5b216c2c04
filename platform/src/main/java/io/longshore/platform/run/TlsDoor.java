package io.longshore.platform.run;

import io.longshore.platform.identity.MutualTls;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.AbstractProtocol;
import org.apache.tomcat.util.net.SSLContext;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/**
 * Tomcat's second connector, for other machines: TLS on a TCP port. Who connects may have a certificate or none, since a machine that joins has
 * none yet; {@link PeerFilter} lets nobody else pass without.
 */
final class TlsDoor {
    /** At once; each has some 150 KB of buffers. */
    private static final int CONNECTIONS = 1_024;
    /** For proving who is there, and for the head of a request. */
    private static final int HEAD_MILLIS = 10_000;

    private TlsDoor() {}

    static Connector connector(InetSocketAddress at, MutualTls tls) {
        Connector connector = new Connector("org.apache.coyote.http11.Http11NioProtocol");
        connector.setProperty("address", at.getAddress().getHostAddress());
        connector.setPort(at.getPort());
        connector.setScheme("https");
        connector.setSecure(true);
        connector.setProperty("SSLEnabled", "true");
        SSLHostConfig host = new SSLHostConfig();
        host.setProtocols("TLSv1.3");
        host.setCertificateVerification("optional");
        SSLHostConfigCertificate certificate =
                new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
        certificate.setSslContext(new Engines(tls));
        host.addCertificate(certificate);
        connector.addSslHostConfig(host);
        return connector;
    }

    /** Anybody may come here, before it is known who: closer limits than on the part's own socket. */
    static void limit(Connector connector) {
        if (connector.getProtocolHandler() instanceof AbstractProtocol<?> protocol) {
            protocol.setMaxConnections(CONNECTIONS);
            protocol.setConnectionTimeout(HEAD_MILLIS);
        }
    }

    /** Has an engine made for each connection, so that a new certificate is used from the next one on. */
    private record Engines(MutualTls tls) implements SSLContext {
        @Override
        public void init(KeyManager[] keys, TrustManager[] trust, java.security.SecureRandom random) {
            // It is what it is.
        }

        @Override
        public void destroy() {
            // Nothing is held.
        }

        @Override
        public SSLEngine createSSLEngine() {
            return tls.serverEngine();
        }

        @Override
        public SSLSessionContext getServerSessionContext() {
            throw new UnsupportedOperationException("for contexts that Tomcat makes");
        }

        @Override
        public SSLServerSocketFactory getServerSocketFactory() {
            throw new UnsupportedOperationException("there are engines alone");
        }

        @Override
        public SSLParameters getSupportedSSLParameters() {
            return tls.serverEngine().getSSLParameters();
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return List.of(tls.identity().certificate(), tls.identity().authority())
                    .toArray(new X509Certificate[0]);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[] {tls.identity().authority()};
        }
    }
}
