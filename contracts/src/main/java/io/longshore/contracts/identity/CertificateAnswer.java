package io.longshore.contracts.identity;

/**
 * What a part proves with who it is.
 *
 * @param certificate for its key, PEM
 * @param authority the certificate of who vouched for it, and vouches for all that it may speak to, PEM
 */
public record CertificateAnswer(String certificate, String authority) {}
