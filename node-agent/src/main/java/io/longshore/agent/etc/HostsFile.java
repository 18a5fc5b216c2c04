package io.longshore.agent.etc;

import io.longshore.contracts.error.Failure;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines of a container's hosts(5), in the order in which Docker Engine has them: localhost, hosts that were added, links, own addresses.
 *
 * @param head lines that come first: those of {@link #localhost}, or a file of the node
 * @param entries lines that follow
 */
public record HostsFile(String head, List<Entry> entries) {
    /** What stands for the node's address in {@code --add-host name:host-gateway}. */
    public static final String HOST_GATEWAY = "host-gateway";

    private static final String LOCALHOST = "127.0.0.1\tlocalhost\n";

    /** As Docker Engine has them since version 26. */
    private static final String LOCALHOST_V6 = """
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::\tip6-localnet
            ff00::\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """;

    /** One line: an address, and its names with spaces between them. */
    public record Entry(String address, String names) {
        private String line() {
            return address + "\t" + names + "\n";
        }

        private boolean isIpv6() {
            return address.indexOf(':') >= 0;
        }
    }

    /** A file that starts with the names of loopback; without IPv6 lines if the sandbox has no IPv6 at all. */
    public static HostsFile localhost(boolean ipv6) {
        return new HostsFile(ipv6 ? LOCALHOST + LOCALHOST_V6 : LOCALHOST, List.of());
    }

    /** A file that starts with another's content. */
    public static HostsFile of(String content) {
        return new HostsFile(content.isEmpty() || content.endsWith("\n") ? content : content + "\n", List.of());
    }

    /**
     * What {@code --add-host} adds.
     *
     * @param extra {@code name:address}, where an IPv6 address may be in brackets and {@code host-gateway} stands for the node's
     * @param gateway addresses that {@code host-gateway} stands for; may be empty
     * @throws Failure.Invalid if a line asks for host-gateway and there is none
     */
    public static List<Entry> added(List<String> extra, List<InetAddress> gateway) {
        List<Entry> entries = new ArrayList<>();
        for (String line : extra) {
            int colon = line.indexOf(':');
            String name = line.substring(0, Math.max(colon, 0));
            String address = line.substring(colon + 1).replaceAll("^\\[|]$", "");
            if (!address.equals(HOST_GATEWAY)) {
                entries.add(new Entry(address, name));
            } else if (gateway.isEmpty()) {
                throw new Failure.Invalid("unable to derive the IP value for host-gateway");
            } else {
                gateway.forEach(node -> entries.add(new Entry(text(node), name)));
            }
        }
        return entries;
    }

    /**
     * A container that another is linked to on the default bridge ({@code --link name:alias}).
     *
     * @param name of the linked container, without a slash
     */
    public static List<Entry> link(String alias, String hostname, String name, List<InetAddress> addresses) {
        String names = alias + " " + hostname + (alias.equals(name) ? "" : " " + name);
        return addresses.stream()
                .map(address -> new Entry(text(address), names))
                .toList();
    }

    /** A container's own addresses, by its host name and, if that has a domain, the part before it. */
    public static List<Entry> own(String hostname, String domain, List<InetAddress> addresses) {
        String full = domain.isEmpty() ? hostname : hostname + "." + domain;
        int dot = full.indexOf('.');
        String names = dot < 0 ? full : full + " " + full.substring(0, dot);
        return addresses.stream()
                .map(address -> new Entry(text(address), names))
                .toList();
    }

    /** With more lines at the end. */
    public HostsFile and(List<Entry> more) {
        List<Entry> all = new ArrayList<>(entries);
        all.addAll(more);
        return new HostsFile(head, List.copyOf(all));
    }

    /** Without IPv6 addresses among what was added. */
    public HostsFile withoutIpv6() {
        return new HostsFile(
                head, entries.stream().filter(entry -> !entry.isIpv6()).toList());
    }

    /** The file's content. */
    public String text() {
        StringBuilder text = new StringBuilder(head);
        entries.forEach(entry -> text.append(entry.line()));
        return text.toString();
    }

    /** A running container's file, which it may have edited, with lines more. */
    public static String with(String content, List<Entry> more) {
        return of(content).and(more).text();
    }

    /** A running container's file without these lines; what the container changed stays. */
    public static String without(String content, List<Entry> gone) {
        StringBuilder kept = new StringBuilder();
        content.lines()
                .filter(line -> gone.stream().noneMatch(entry -> (line + "\n").equals(entry.line())))
                .forEach(line -> kept.append(line).append('\n'));
        return kept.toString();
    }

    /** The same without the lines that give these names to any address. */
    public static String withoutNames(String content, List<Entry> gone) {
        StringBuilder kept = new StringBuilder();
        content.lines()
                .filter(line -> gone.stream().noneMatch(entry -> line.endsWith("\t" + entry.names())))
                .forEach(line -> kept.append(line).append('\n'));
        return kept.toString();
    }

    /** An address as people write it: the JDK writes all eight groups of an IPv6 one. */
    static String text(InetAddress address) {
        return address instanceof Inet6Address ? Ipv6Text.of(address.getAddress()) : address.getHostAddress();
    }
}
