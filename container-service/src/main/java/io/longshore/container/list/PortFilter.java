package io.longshore.container.list;

import io.longshore.contracts.error.Failure;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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
        PortFilter filter = read(text);
        if (filter == null) {
            throw new Failure.Invalid("invalid filter '" + key + "=" + text
                    + "': want port[-port][/protocol], with ports up to 65535, the lower one first");
        }
        return filter;
    }

    private static @Nullable PortFilter read(String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        int first = Integer.parseInt(matcher.group(1));
        int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
        boolean range = last <= 65_535 && first <= last;
        return range ? new PortFilter(first, last, matcher.group(3) == null ? "tcp" : matcher.group(3)) : null;
    }

    /** Whether one of the ports, written {@code 80/tcp}, is among those that one of the filters names. */
    static boolean anyMatch(List<PortFilter> filters, Collection<String> ports) {
        return filters.stream().anyMatch(filter -> ports.stream().anyMatch(filter::matches));
    }

    /** What an image says of its ports may be anything; what is no port matches nothing. */
    private boolean matches(String port) {
        PortFilter other = read(port);
        return other != null && other.protocol.equals(protocol) && other.first <= last && other.last >= first;
    }
}
