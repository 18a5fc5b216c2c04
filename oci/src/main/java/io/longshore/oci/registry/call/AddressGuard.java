package io.longshore.oci.registry.call;

import io.longshore.contracts.registry.RegistryAccess;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Keeps a registry from sending us into networks that it is not in itself: a token server or a redirect may lead to public addresses, to
 * the registry's own kind of network, and to hosts that are configured. Asked at the moment of the connection, so that a name that
 * resolves differently a second time gains nothing. Thread-safe.
 */
final class AddressGuard implements DnsResolver {
    private final String registry;
    private final Set<String> trusted;

    AddressGuard(String registryHost, RegistryAccess access) {
        this.registry = bare(registryHost);
        this.trusted = Set.copyOf(access.trusted());
    }

    /** Kinds of networks that a public name has no business in. */
    private enum Network {
        PUBLIC,
        PRIVATE,
        LOOPBACK,
        LINK_LOCAL,
        NONE
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] found = InetAddress.getAllByName(host);
        String name = bare(host);
        if (name.equals(registry) || trusted.contains(name)) {
            return found;
        }
        Set<Network> allowed = EnumSet.of(Network.PUBLIC);
        for (InetAddress own : InetAddress.getAllByName(registry)) {
            allowed.add(network(own));
        }
        allowed.remove(Network.NONE);
        InetAddress[] passed = Arrays.stream(found)
                .filter(address -> allowed.contains(network(address)))
                .toArray(InetAddress[]::new);
        if (passed.length == 0) {
            throw new RefusedAddress("registry " + registry + " leads to " + name + " ("
                    + found[0].getHostAddress() + "), in a network that it is not in itself: refused;"
                    + " add " + name + " to image.registry.trusted if it is meant");
        }
        return passed;
    }

    /** An address that a registry must not lead to. */
    static final class RefusedAddress extends UnknownHostException {
        RefusedAddress(String message) {
            super(message);
        }
    }

    private static String bare(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        return lower.startsWith("[") && lower.endsWith("]") ? lower.substring(1, lower.length() - 1) : lower;
    }

    private static Network network(InetAddress address) {
        if (address.isLoopbackAddress()) {
            return Network.LOOPBACK;
        }
        if (address.isLinkLocalAddress()) {
            return Network.LINK_LOCAL;
        }
        if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
            return Network.NONE;
        }
        return address.isSiteLocalAddress() || isOtherPrivate(address) ? Network.PRIVATE : Network.PUBLIC;
    }

    /** Shared address space (RFC 6598), 0.0.0.0/8, benchmarking (RFC 2544), broadcast; unique local and translated addresses (RFC 4193, 6052). */
    private static boolean isOtherPrivate(InetAddress address) {
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        if (address instanceof Inet4Address) {
            return first == 0
                    || (first == 100 && (second & 0xc0) == 64)
                    || (first == 198 && (second & 0xfe) == 18)
                    || first >= 240;
        }
        return address instanceof Inet6Address
                && ((first & 0xfe) == 0xfc || (first == 0 && second == 0x64) || (first == 0x20 && second == 0x02));
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }
}
