package io.longshore.agent.linux.netlink;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * An address with the length of its subnet's prefix.
 *
 * @param address of IPv4 or IPv6
 * @param prefix in bits
 */
public record Cidr(InetAddress address, int prefix) {
    public Cidr {
        if (prefix < 0 || prefix > 8 * address.getAddress().length) {
            throw new IllegalArgumentException(address.getHostAddress() + "/" + prefix + " has no such prefix");
        }
    }

    /** Reads {@code 172.18.0.2/16}, and an address alone as one of the full length; {@code IllegalArgumentException} names another text. */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = address(slash < 0 ? text : text.substring(0, slash));
        try {
            int all = 8 * address.getAddress().length;
            return new Cidr(address, slash < 0 ? all : Integer.parseInt(text, slash + 1, text.length(), 10));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + text + "\" is no address with a prefix length", e);
        }
    }

    /** Reads an address, and never asks a name server. */
    public static InetAddress address(String text) {
        try {
            if (!text.matches("[0-9.]+|[0-9a-fA-F.:]*:[0-9a-fA-F.:]*")) {
                throw new IllegalArgumentException("\"" + text + "\" is no address");
            }
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("\"" + text + "\" is no address", e);
        }
    }

    /** Whether it is of IPv6. */
    public boolean isV6() {
        return address.getAddress().length == 16;
    }

    /** Whether both ranges have an address in common. */
    public boolean overlaps(Cidr other) {
        int common = Math.min(prefix, other.prefix);
        return isV6() == other.isV6() && Arrays.equals(masked(common), other.masked(common));
    }

    /** The last address of an IPv4 range. */
    byte[] broadcast() {
        byte[] bytes = masked(prefix);
        for (int bit = prefix; bit < 8 * bytes.length; bit++) {
            bytes[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        return bytes;
    }

    private byte[] masked(int bits) {
        byte[] bytes = address.getAddress();
        for (int bit = bits; bit < 8 * bytes.length; bit++) {
            bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
        }
        return bytes;
    }

    /** As people write the address: {@code fd00::2}. */
    public String host() {
        return text(address);
    }

    /** As people write an address, the longest run of zeros left out (RFC 5952). */
    public static String text(InetAddress address) {
        String whole = address.getHostAddress();
        if (whole.indexOf(':') < 0) {
            return whole;
        }
        String longest = "";
        var runs = java.util.regex.Pattern.compile("(?:^|:)0(?::0)+(?=:|$)").matcher(whole);
        while (runs.find()) {
            longest = runs.group().length() > longest.length() ? runs.group() : longest;
        }
        if (longest.isEmpty()) {
            return whole;
        }
        int at = whole.indexOf(longest);
        String before = whole.substring(0, at);
        String after = whole.substring(at + longest.length());
        return before
                + (after.isEmpty() ? "::" : ":" + (before.isEmpty() && !after.startsWith(":") ? ":" : "") + after);
    }

    @Override
    public String toString() {
        return host() + "/" + prefix;
    }
}
