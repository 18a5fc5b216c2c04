package io.longshore.platform.identity;

/** Gives a part of this process certificates. Thread-safe. */
public interface Issuer {
    /**
     * A certificate.
     *
     * @param who this part is
     * @param request PKCS #10, PEM
     */
    Issued issue(PartIdentity who, String request);

    /**
     * A certificate and whose it is.
     *
     * @param certificate PEM
     * @param authority the certificate of who vouched, PEM
     */
    record Issued(String certificate, String authority) {}
}
