package io.longshore.contracts.registry;

import java.util.List;

/**
 * How registries are reached.
 *
 * @param insecure hosts, with a port where they have one, and blocks of addresses ({@code 10.0.0.0/8}; hosts have no slash), that may be
 *     spoken to over plain HTTP or with a certificate that nobody vouches for; 127.0.0.0/8, ::1 and localhost always may
 * @param mirrors of docker.io, asked before it, in this order: {@code https://mirror.example}
 * @param trusted hosts to which registries may send us whatever network they are in: for tokens, and for content
 * @param certificates directory with a directory per host ({@code host:port}) whose {@code *.crt} files are the authorities that vouch for
 *     it, beside the system's, as Docker's {@code certs.d} is; it need not exist
 * @param idleSeconds how long a registry may keep silent
 */
public record RegistryAccess(
        List<String> insecure, List<String> mirrors, List<String> trusted, String certificates, int idleSeconds) {
    /** Where Docker's and podman's own certificates lie, so that what works with them works here. */
    public static final String CERTIFICATES = "/etc/docker/certs.d";
    /** A stalled registry is given up after this many seconds. */
    public static final int IDLE_SECONDS = 30;

    /** Without any settings. */
    public static final RegistryAccess DEFAULT =
            new RegistryAccess(List.of(), List.of(), List.of(), CERTIFICATES, IDLE_SECONDS);

    public RegistryAccess {
        insecure = List.copyOf(insecure);
        mirrors = List.copyOf(mirrors);
        trusted = List.copyOf(trusted);
    }
}
