package io.longshore.oci.registry.call;

import io.longshore.contracts.registry.RegistryAccess;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.apache.hc.client5.http.DnsResolver;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a registry from sending us into networks that it is not in itself: a token server or a redirect may lead to public addresses, to
 * the registry's own kind of network, and to hosts that are configured. Asked at the moment of the connection, so that a name that
 * resolves differently a second time gains nothing. What kind the registry's own network is says its name's first answer, since whoever
 * owns the name could have it name another one later; a name with a public address leads others to no other network. Thread-safe.
 */
final class AddressGuard implements DnsResolver {
    /** 64:ff9b::/96. */
    private static final byte[] PREFIX = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

    private final String registry;
    private final Set<String> trusted;
    private final Lookup lookup;
    private @Nullable Set<Network> own;

    AddressGuard(String registryHost, RegistryAccess access) {
        this(registryHost, access, InetAddress::getAllByName);
    }

    AddressGuard(String registryHost, RegistryAccess access, Lookup lookup) {
        this.registry = bare(registryHost);
        this.trusted = Set.copyOf(access.trusted());
        this.lookup = lookup;
    }

    /** What knows the addresses of names: at least one, or an exception. */
    interface Lookup {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    /** Kinds of networks that a public name has no business in; NONE are addresses that lead to no host. */
    private enum Network {
        PUBLIC,
        PRIVATE,
        LOOPBACK,
        LINK_LOCAL,
        NONE
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] found = lookup.addresses(host);
        String name = bare(host);
        if (trusted.contains(name)) {
            return found;
        }
        Set<Network> allowed = name.equals(registry) ? own(found) : others();
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

    /** Addresses of the link are nobody's but the registry's: those of clouds' metadata are among them. */
    private Set<Network> others() throws UnknownHostException {
        Set<Network> allowed = EnumSet.of(Network.PUBLIC);
        Set<Network> kinds = own(lookup.addresses(registry));
        if (!kinds.contains(Network.PUBLIC)) {
            allowed.addAll(kinds);
            allowed.removeAll(EnumSet.of(Network.LINK_LOCAL, Network.NONE));
        }
        return allowed;
    }

    private synchronized Set<Network> own(InetAddress[] found) {
        if (own == null) {
            Set<Network> kinds = EnumSet.noneOf(Network.class);
            for (InetAddress address : found) {
                kinds.add(network(address));
            }
            own = kinds;
        }
        return own;
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

    private static Network network(InetAddress found) {
        InetAddress address = meant(found);
        if (address.isLoopbackAddress()) {
            return Network.LOOPBACK;
        }
        if (address.isLinkLocalAddress()) {
            return Network.LINK_LOCAL;
        }
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        return address instanceof Inet4Address
                ? network4(address, first, second)
                : network6(address, first, second, bytes[2] | bytes[3]);
    }

    /** The IPv4 address that one of the well-known prefix of NAT64 stands for (RFC 6052), since that is where it leads. */
    private static InetAddress meant(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length < PREFIX.length || !Arrays.equals(bytes, 0, PREFIX.length, PREFIX, 0, PREFIX.length)) {
            return address;
        }
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, PREFIX.length, bytes.length));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    /** Besides what Java calls site local: shared address space (RFC 6598) and benchmarking (RFC 2544). */
    private static Network network4(InetAddress address, int first, int second) {
        if (first == 0 || first >= 224) {
            return Network.NONE;
        }
        boolean shared = first == 100 && (second & 0xc0) == 64;
        boolean benchmarking = first == 198 && (second & 0xfe) == 18;
        return address.isSiteLocalAddress() || shared || benchmarking ? Network.PRIVATE : Network.PUBLIC;
    }

    /** Unique local addresses (RFC 4193), and global ones (RFC 4291) but for those that stand for an IPv4 address (RFC 3056, RFC 4380). */
    private static Network network6(InetAddress address, int first, int second, int third) {
        if ((first & 0xfe) == 0xfc || address.isSiteLocalAddress()) {
            return Network.PRIVATE;
        }
        boolean translated = first == 0x20 && (second == 0x02 || (second == 0x01 && third == 0));
        return (first & 0xe0) == 0x20 && !translated ? Network.PUBLIC : Network.NONE;
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }
}
