package io.longshore.contracts.identity;

/**
 * A part asks for a certificate of who it is already.
 *
 * @param request PKCS #10 (RFC 2986), PEM
 */
public record CertificateRequest(String request) {}
