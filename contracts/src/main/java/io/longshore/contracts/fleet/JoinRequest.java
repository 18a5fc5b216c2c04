package io.longshore.contracts.fleet;

import org.jspecify.annotations.Nullable;

/**
 * A machine asks to become a node.
 *
 * @param token as {@code POST /api/v1/join-tokens} gave it
 * @param name the machine's host name: 1 to 253 letters, digits, dots and hyphens
 * @param request for a certificate (PKCS #10, RFC 2986), PEM
 * @param availability whether it takes containers from the beginning; null, as a machine of before says it, for active
 */
public record JoinRequest(String token, String name, String request, NodeSpec.@Nullable Availability availability) {
    /** Of a machine that takes containers. */
    public JoinRequest(String token, String name, String request) {
        this(token, name, request, null);
    }
}
