package io.longshore.network.address;

import io.longshore.contracts.error.Failure;
import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * A block of addresses in CIDR notation (RFC 4632, RFC 4291 section 2.3), IPv4 or IPv6.
 *
 * @param base the first address, its host bits zero, as an unsigned number
 * @param prefix length in bits
 * @param bits of an address: 32 or 128
 */
public record Cidr(BigInteger base, int prefix, int bits) {
    /** Reads {@code 172.18.0.0/16}; host bits that are set are dropped, as in Docker. {@code Invalid} names the text. */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        if (slash > 0) {
            try {
                byte[] address = address(text.substring(0, slash)).getAddress();
                int bits = address.length * 8;
                int prefix = Integer.parseInt(text, slash + 1, text.length(), 10);
                if (prefix >= 0 && prefix <= bits && text.charAt(slash + 1) != '+') {
                    return of(new BigInteger(1, address), prefix, bits);
                }
            } catch (Failure.Invalid | NumberFormatException e) {
                throw new Failure.Invalid("invalid CIDR address: " + text, e);
            }
        }
        throw new Failure.Invalid("invalid CIDR address: " + text);
    }

    /** An address by its digits alone: no name is looked up. {@code Invalid} names the text. */
    public static InetAddress address(String text) {
        try {
            InetAddress address = InetAddress.ofLiteral(text);
            if (!(address instanceof Inet6Address v6 && v6.getScopeId() != 0)
                    && !(text.indexOf(':') < 0 && text.split("\\.", -1).length != 4)) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            throw new Failure.Invalid("invalid IP address: " + text, e);
        }
        throw new Failure.Invalid("invalid IP address: " + text);
    }

    /** The block of this size that the address is in. */
    static Cidr of(BigInteger address, int prefix, int bits) {
        return new Cidr(address.shiftRight(bits - prefix).shiftLeft(bits - prefix), prefix, bits);
    }

    /** Whether it is of IPv6. */
    public boolean isV6() {
        return bits == 128;
    }

    /** Whether the address is in it. */
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length * 8 == bits
                && of(new BigInteger(1, bytes), prefix, bits).base.equals(base);
    }

    /** Whether all of the other is in it. */
    public boolean contains(Cidr other) {
        return other.bits == bits
                && other.prefix >= prefix
                && of(other.base, prefix, bits).base.equals(base);
    }

    /** How many addresses it has. */
    public BigInteger size() {
        return BigInteger.ONE.shiftLeft(bits - prefix);
    }

    /** The address that many after the first; before the last, if negative: -1 is the last. */
    public String at(long offset) {
        BigInteger index = BigInteger.valueOf(offset);
        return text(base.add(offset < 0 ? size().add(index) : index));
    }

    /** The block of its size after it. */
    Cidr next() {
        return new Cidr(base.add(size()), prefix, bits);
    }

    private String text(BigInteger address) {
        byte[] digits = address.toByteArray();
        byte[] bytes = new byte[bits / 8];
        int length = Math.min(digits.length, bytes.length);
        System.arraycopy(digits, digits.length - length, bytes, bytes.length - length, length);
        return text(bytes);
    }

    /** An address as text, IPv6 in the shortest form (RFC 5952). */
    public static String text(byte[] address) {
        if (address.length == 4) {
            return (address[0] & 0xff) + "." + (address[1] & 0xff) + "." + (address[2] & 0xff) + "."
                    + (address[3] & 0xff);
        }
        int[] groups = new int[8];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = ((address[2 * i] & 0xff) << 8) | (address[2 * i + 1] & 0xff);
        }
        int[] zeros = longestZeros(groups);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < groups.length; i++) {
            if (i == zeros[0]) {
                text.append("::");
                i += zeros[1] - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
                        .append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    /** Where it begins and how long it is; a single zero is not shortened. */
    private static int[] longestZeros(int[] groups) {
        int[] longest = {-1, 1};
        for (int from = 0; from < groups.length; from++) {
            int to = from;
            while (to < groups.length && groups[to] == 0) {
                to++;
            }
            if (to - from > longest[1]) {
                longest = new int[] {from, to - from};
            }
        }
        return longest;
    }

    @Override
    public String toString() {
        return text(base) + "/" + prefix;
    }

    /** The address in its shortest form; {@code Invalid} names the text. */
    public static String canonical(String address) {
        return text(address(address).getAddress());
    }

    /** MAC address that follows from an IPv4 address, locally administered, as Docker's: 02:42 and the address. */
    public static String macOf(String ipv4) {
        byte[] address = address(ipv4).getAddress();
        StringBuilder mac = new StringBuilder("02:42");
        for (byte one : Arrays.copyOf(address, 4)) {
            mac.append(String.format(":%02x", one));
        }
        return mac.toString();
    }
}
