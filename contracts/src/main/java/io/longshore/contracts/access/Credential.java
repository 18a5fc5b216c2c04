package io.longshore.contracts.access;

/**
 * What a client shows at the door.
 *
 * @param kind {@code socket}: it could open the unix socket, whose file permissions are the lock
 * @param value the listener's name
 */
public record Credential(String kind, String value) {}
