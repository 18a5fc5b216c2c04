package io.longshore.container.list;

import io.longshore.contracts.error.Failure;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A value of the filters {@code expose} and {@code publish}: {@code port[-port][/protocol]}.
 *
 * @param first lowest port
 * @param last highest port
 * @param protocol tcp unless said otherwise
 */
record PortFilter(int first, int last, String protocol) {
    private static final Pattern SYNTAX = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/(tcp|udp|sctp))?");

    static PortFilter parse(String key, String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            throw new Failure.Invalid("invalid filter '" + key + "=" + text + "': want port[-port][/protocol]");
        }
        int first = Integer.parseInt(matcher.group(1));
        int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
        if (last > 65_535 || first > last) {
            throw new Failure.Invalid("invalid filter '" + key + "=" + text + "': no such range of ports");
        }
        return new PortFilter(first, last, matcher.group(3) == null ? "tcp" : matcher.group(3));
    }

    /** Whether one of the ports, written {@code 80/tcp}, is among those that one of the filters names. */
    static boolean anyMatch(List<PortFilter> filters, Collection<String> ports) {
        return filters.stream().anyMatch(filter -> ports.stream().anyMatch(filter::matches));
    }

    private boolean matches(String port) {
        PortFilter other = parse("port", port);
        return other.protocol.equals(protocol) && other.first <= last && other.last >= first;
    }
}
