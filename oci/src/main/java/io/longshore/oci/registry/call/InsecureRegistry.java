package io.longshore.oci.registry.call;

import io.longshore.contracts.error.Failure;
import io.longshore.oci.ImageReference;
import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What may be spoken to over plain HTTP, or with a certificate that nobody vouches for (Docker Engine, {@code insecure-registries}): one
 * host, or all that are written as an address of a block. Unlike in Docker no name is resolved for a block: whoever can forge an answer of
 * DNS would decide by it which registries do without TLS.
 */
public sealed interface InsecureRegistry {
    /** Whether a registry is meant: {@code registry.example:5000}, {@code [fd00::1]}. */
    boolean covers(String name);

    /**
     * Reads one; {@link Failure.Invalid} names what is neither a host as references have it, with or without a port, nor a block.
     *
     * @param text such as {@code registry.example:5000} or {@code 10.0.0.0/8}
     */
    static InsecureRegistry parse(String text) {
        return text.indexOf('/') >= 0 ? Block.parse(text) : Host.parse(text);
    }

    private static Failure.Invalid invalid(String text) {
        return new Failure.Invalid("\"" + text + "\" is neither a host, such as registry.example, 10.0.0.1:5000 or"
                + " [fd00::1]:5000, nor a block of addresses, such as 10.0.0.0/8 or fd00::/8");
    }

    /**
     * One, on the port that is written, or on none.
     *
     * @param name in lower case
     */
    record Host(String name) implements InsecureRegistry {
        private static final Pattern PORT = Pattern.compile(":0*(\\d+)$");
        private static final int LAST_PORT = 65_535;
        private static final int PORT_DIGITS = 5;

        private static Host parse(String text) {
            Matcher port = PORT.matcher(text);
            if (port.find() && (port.group(1).length() > PORT_DIGITS || Integer.parseInt(port.group(1)) > LAST_PORT)) {
                throw invalid(text);
            }
            try {
                return new Host(
                        new ImageReference(text, "name", null, null).domain().toLowerCase(Locale.ROOT));
            } catch (Failure e) {
                throw invalid(text);
            }
        }

        @Override
        public boolean covers(String other) {
            return name.equals(other.toLowerCase(Locale.ROOT));
        }
    }

    /**
     * All whose address begins like this one, on any port.
     *
     * @param address any of the block
     * @param bits how many of its first ones they share
     */
    record Block(InetAddress address, int bits) implements InsecureRegistry {
        private static final Pattern PREFIX = Pattern.compile("([^/]+)/(\\d{1,3})");
        private static final String BYTE = "(?:0|[1-9]\\d{0,2})"; // Clients in Go read none with a zero before it.

        /** What cannot be taken for a name or an address in part, and has no interface in it. */
        private static final Pattern LITERAL =
                Pattern.compile(BYTE + "(?:\\." + BYTE + "){3}|[0-9a-fA-F]*:[0-9a-fA-F:.]*");

        private static Block parse(String text) {
            Matcher parts = PREFIX.matcher(text);
            InetAddress address = parts.matches() ? address(parts.group(1)) : null;
            // An address of IPv4 in the clothes of IPv6 would mean another number of bits.
            boolean mapped = address instanceof Inet4Address && text.indexOf(':') >= 0;
            if (address == null || mapped || Integer.parseInt(parts.group(2)) > size(address)) {
                throw invalid(text);
            }
            return new Block(address, Integer.parseInt(parts.group(2)));
        }

        @Override
        public boolean covers(String name) {
            InetAddress other = address(host(name));
            return other != null
                    && size(other) == size(address)
                    && prefix(other).equals(prefix(address));
        }

        /** Without its port, and without brackets. */
        private static String host(String name) {
            int end = name.indexOf(name.startsWith("[") ? ']' : ':');
            String host = end < 0 ? name : name.substring(0, end);
            return host.startsWith("[") ? host.substring(1) : host;
        }

        private static @Nullable InetAddress address(String text) {
            try {
                return LITERAL.matcher(text).matches() ? InetAddress.ofLiteral(text) : null;
            } catch (IllegalArgumentException e) {
                return null;
            }
        }

        private static int size(InetAddress address) {
            return address.getAddress().length * Byte.SIZE;
        }

        private BigInteger prefix(InetAddress of) {
            return new BigInteger(1, of.getAddress()).shiftRight(size(of) - bits);
        }
    }
}
