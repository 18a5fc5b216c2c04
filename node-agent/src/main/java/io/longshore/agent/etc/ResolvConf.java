package io.longshore.agent.etc;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The content of a resolv.conf(5), and what Docker Engine makes of the node's for a container.
 *
 * @param nameservers as written, in order; not all need be addresses
 * @param search domains of the last {@code search} or {@code domain} line
 * @param options of all {@code options} lines
 * @param other lines with any other keyword, as {@code sortlist}
 * @param serversAsked whether the name servers are those that the container asked for ({@code --dns}): those are kept as they are
 */
public record ResolvConf(
        List<String> nameservers, List<String> search, List<String> options, List<String> other, boolean serversAsked) {
    /** Where the embedded DNS server of a sandbox is. */
    public static final String EMBEDDED = "127.0.0.11";

    private static final List<String> FALLBACK = List.of("8.8.8.8", "8.8.4.4");
    private static final List<String> FALLBACK_V6 = List.of("2001:4860:4860::8888", "2001:4860:4860::8844");

    /** Reads the content of a file; comments are dropped. */
    public static ResolvConf parse(String text) {
        List<String> nameservers = new ArrayList<>();
        List<String> search = List.of();
        List<String> options = new ArrayList<>();
        List<String> other = new ArrayList<>();
        for (String line : text.lines().map(String::strip).toList()) {
            if (line.isEmpty() || line.startsWith("#") || line.startsWith(";")) {
                continue;
            }
            List<String> words = List.of(line.split("\\s+"));
            List<String> values = words.subList(1, words.size());
            switch (words.getFirst()) {
                case "nameserver" -> values.stream().findFirst().ifPresent(nameservers::add);
                case "search", "domain" -> search = values.isEmpty() ? search : values;
                case "options" -> options.addAll(values);
                default -> other.add(line);
            }
        }
        return new ResolvConf(nameservers, search, options, other, false);
    }

    /**
     * With what a container asks for by {@code --dns}, {@code --dns-search} and {@code --dns-option}; an empty list leaves what is there.
     * The search domain {@code .} asks for none at all.
     */
    public ResolvConf asked(List<String> servers, List<String> domains, List<String> resolverOptions) {
        return new ResolvConf(
                servers.isEmpty() ? nameservers : servers,
                domains.isEmpty()
                        ? search
                        : domains.stream().filter(domain -> !domain.equals(".")).toList(),
                resolverOptions.isEmpty() ? options : resolverOptions,
                other,
                serversAsked || !servers.isEmpty());
    }

    /**
     * For a container on the default bridge, which has no embedded DNS: without the node's loopback servers, which are not the container's,
     * and without those that it has no address family for; Google's when none is left, as in Docker Engine.
     *
     * @param ipv6 whether the container has an IPv6 address
     */
    public ResolvConf forBridge(boolean ipv6) {
        if (serversAsked) {
            return this;
        }
        List<String> reachable = nameservers.stream()
                .filter(server -> isReachable(address(server), ipv6))
                .toList();
        if (reachable.isEmpty()) {
            reachable = ipv6
                    ? Stream.concat(FALLBACK.stream(), FALLBACK_V6.stream()).toList()
                    : FALLBACK;
        }
        return new ResolvConf(reachable, search, options, other, false);
    }

    /**
     * For a container on a user-defined network: the embedded DNS alone, which forwards to {@link #servers()} of the file that this is
     * called on. {@code ndots:0} has single names looked up before search domains, unless ndots is set.
     */
    public ResolvConf forEmbeddedDns() {
        List<String> kept = new ArrayList<>(
                options.stream().filter(option -> !isBadNdots(option)).toList());
        if (kept.stream().noneMatch(ResolvConf::isNdots)) {
            kept.add("ndots:0");
        }
        return new ResolvConf(List.of(EMBEDDED), search, kept, other, true);
    }

    /** Whether ndots is set by the node or the container: then the embedded DNS forwards no single name. */
    public boolean setsNdots() {
        return options.stream().anyMatch(ResolvConf::isNdots);
    }

    /** The name servers that are addresses. */
    public List<InetAddress> servers() {
        List<InetAddress> servers = new ArrayList<>();
        for (String server : nameservers) {
            InetAddress address = address(server);
            if (address != null) {
                servers.add(address);
            }
        }
        return servers;
    }

    /** The file's content. */
    public String text() {
        StringBuilder text = new StringBuilder();
        nameservers.forEach(server -> text.append("nameserver ").append(server).append('\n'));
        if (!search.isEmpty()) {
            text.append("search ").append(String.join(" ", search)).append('\n');
        }
        if (!options.isEmpty()) {
            text.append("options ").append(String.join(" ", options)).append('\n');
        }
        other.forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    private static boolean isReachable(@Nullable InetAddress address, boolean ipv6) {
        return address != null && !address.isLoopbackAddress() && (ipv6 || address.getAddress().length == 4);
    }

    private static @Nullable InetAddress address(String literal) {
        try {
            return InetAddress.ofLiteral(literal);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static boolean isNdots(String option) {
        return option.equals("ndots") || option.startsWith("ndots:");
    }

    private static boolean isBadNdots(String option) {
        return isNdots(option) && !option.matches("ndots:\\d{1,9}");
    }
}
