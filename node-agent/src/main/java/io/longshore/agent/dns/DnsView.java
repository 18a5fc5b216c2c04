package io.longshore.agent.dns;

import io.longshore.agent.etc.ResolvConf;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one sandbox sees. Immutable; a change of networks is another view.
 *
 * @param networks those it is on, in the order in which a name is looked for
 * @param servers asked for what no network knows, in order, the first three; from the sandbox's own namespace ({@code --dns}). When there are
 *     none, those of the node's resolv.conf are asked, from the node's namespace
 * @param external whether the sandbox reaches anything outside of its networks. If not, nothing is asked from the node's namespace for it
 *     (CVE-2024-29018)
 * @param ndots whether ndots was set ({@link ResolvConf#setsNdots}): then single names are not forwarded
 */
public record DnsView(List<Network> networks, List<InetAddress> servers, boolean external, boolean ndots) {
    /** As many as resolv.conf(5) has name servers (MAXNS). */
    static final int MAX_SERVERS = 3;

    /** A view of nothing. */
    public static final DnsView NONE = new DnsView(List.of(), List.of(), false, false);

    /**
     * A network that the sandbox has an endpoint on.
     *
     * @param name by which a name on it can be qualified
     * @param links alias to container name: names on this network that only this sandbox sees
     */
    public record Network(String id, String name, Map<String, String> links) {
        public Network {
            Map<String, String> small = new HashMap<>();
            links.forEach((alias, target) -> small.put(NetworkNames.key(alias), target));
            links = Map.copyOf(small);
        }
    }

    public DnsView {
        networks = List.copyOf(networks);
        // It would ask itself.
        servers = servers.stream()
                .filter(server -> !server.getHostAddress().equals(ResolvConf.EMBEDDED))
                .limit(MAX_SERVERS)
                .toList();
    }
}
