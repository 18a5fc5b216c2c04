package io.longshore.contracts.fleet;

/**
 * A machine asks to become a node.
 *
 * @param token as {@code POST /api/v1/join-tokens} gave it
 * @param name the machine's host name: 1 to 253 letters, digits, dots and hyphens
 * @param request for a certificate (PKCS #10, RFC 2986), PEM
 */
public record JoinRequest(String token, String name, String request) {}
