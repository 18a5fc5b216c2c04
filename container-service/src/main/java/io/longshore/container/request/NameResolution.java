package io.longshore.container.request;

import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks Dns, DnsSearch, DnsOptions and ExtraHosts, which become lines of resolv.conf(5) and hosts(5). */
final class NameResolution {
    /** No name is ever looked up: only what consists of an address's characters reaches the parser. */
    private static final Pattern ADDRESS =
            Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private static final Pattern WORD = Pattern.compile("[^\\s#;]{1,253}");

    private NameResolution() {}

    static void check(HostConfig host) {
        for (String server : orEmpty(host.dns())) {
            if (!isAddress(server)) {
                throw new Failure.Invalid("bad nameserver address: " + server);
            }
        }
        words("DnsSearch", orEmpty(host.dnsSearch()));
        words("DnsOptions", orEmpty(host.dnsOptions()));
        orEmpty(host.extraHosts()).forEach(NameResolution::extraHost);
    }

    private static void extraHost(String line) {
        int colon = line.indexOf(':');
        String name = colon < 0 ? "" : line.substring(0, colon);
        String address = colon < 0 ? "" : line.substring(colon + 1);
        if (!WORD.matcher(name).matches()) {
            throw new Failure.Invalid("bad format for add-host: \"" + line + "\"");
        }
        boolean bracketed = address.startsWith("[") && address.endsWith("]") && address.indexOf(':') > 0;
        String plain = bracketed ? address.substring(1, address.length() - 1) : address;
        if (!plain.equals("host-gateway") && !isAddress(plain)) {
            throw new Failure.Invalid("invalid IP address in add-host: \"" + address + "\"");
        }
    }

    static boolean isAddress(@Nullable String text) {
        if (text == null || !ADDRESS.matcher(text).matches()) {
            return false;
        }
        try {
            java.net.InetAddress.ofLiteral(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void words(String field, List<String> words) {
        for (String word : words) {
            if (!WORD.matcher(word).matches()) {
                throw new Failure.Invalid("invalid HostConfig." + field + ": \"" + word + "\"");
            }
        }
    }

    private static List<String> orEmpty(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }
}
