package io.longshore.platform.identity;

import io.longshore.contracts.id.Digest;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Believes a certificate whose authority shows itself, and has this fingerprint. For a client alone; without state. */
final class KnownAuthority extends X509ExtendedTrustManager {
    private final String fingerprint;

    /** @param fingerprint SHA-256 of the authority's certificate, in hexadecimal */
    KnownAuthority(String fingerprint) {
        this.fingerprint = fingerprint;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        if (chain.length != 2) {
            throw new CertificateException("want a certificate and that of its authority, not " + chain.length);
        }
        String found = Digest.of(chain[1].getEncoded()).hex();
        if (!found.equals(fingerprint)) {
            throw new CertificateException("who answers is of another fleet: its authority has the fingerprint " + found
                    + " and not " + fingerprint);
        }
        chain[0].checkValidity();
        try {
            chain[0].verify(chain[1].getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new CertificateException("who answers shows a certificate that its authority has not signed", e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("no client comes here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw new CertificateException("no client comes here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        throw new CertificateException("no client comes here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
