package io.longshore.agent.dns;

/** Where a sandbox's server listens on 127.0.0.11. Port 53 is redirected there, so that the container may have its own server on it. */
public record DnsPorts(int udp, int tcp) {}
