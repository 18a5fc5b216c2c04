package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.netlink.Cidr;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.NetworkSpec.Bridge;
import io.longshore.contracts.agent.NetworkSpec.Subnet;
import java.util.Collection;

/**
 * What our table of nftables says, as nft(8) reads it. A network or a port is an element of a set or map, never a rule. Pure.
 *
 * <ul>
 *   <li>{@code publish}: what is sent to an address of the node and a published port goes to the container. Where the port is published at
 *       all addresses, the key has none. {@code [::1]} cannot be translated and is left to who listens there. A port of a container on another
 *       node goes to that one ({@code far}), but for who asks loopback: from there the kernel lets nothing out of the node.
 *   <li>{@code guard}: addresses of loopback are no way into the node: not for containers, whose bridges have route_localnet, and not for a
 *       neighbour on a link of the node, whose packets {@code publish} would turn to a container before the kernel sees where they claim to go.
 *       Nor may a container send to where nodes listen for each other's tunnels ({@code tunnels}): it would speak for any container of any network.
 *   <li>{@code forward}: to a port of another node that is for this node alone, which that one tells by the address, no container sends
 *       ({@code closed}): it would come with that address ({@code leaving}). Into a bridge comes what belongs to a connection, or came by a published port, or is from the same bridge if its
 *       containers may talk; what was sent to a port of another node goes there, and its answers come back; out of one that is not internal goes all, and out of an internal one nothing, to published ports neither. What is let through is marked, since a later chain may drop what this one
 *       accepted: see {@link ForeignChains}.
 *   <li>{@code leaving}: what leaves a subnet for elsewhere takes the node's address; so does what reaches a published port of its own
 *       network, or from loopback, so that answers come back this way, and what goes to a port of another node ({@code beyond}). What comes from
 *       outside to a container here keeps its address.
 * </ul>
 */
final class Rules {
    /** Of packets that our table lets through. High, out of the way of those that Docker, Kubernetes and firewalls use. */
    static final String MARK = "0x10000000";

    private static final String TABLE = """
            table inet $table {
              set bridges { type ifname; }
              set talking { type ifname . ifname; }
              set own4 { type ifname . ipv4_addr; flags interval; }
              set own6 { type ifname . ipv6_addr; flags interval; }
              set internal { type ifname; }
              set tunnels { type inet_service; }
              set masquerade4 { type ipv4_addr; flags interval; }
              set masquerade6 { type ipv6_addr; flags interval; }
              map ports4 { type inet_proto . inet_service : ipv4_addr . inet_service; }
              map ports6 { type inet_proto . inet_service : ipv6_addr . inet_service; }
              map at4 { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
              map at6 { type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service; }
              map far4 { type inet_proto . inet_service : ipv4_addr . inet_service; }
              map far6 { type inet_proto . inet_service : ipv6_addr . inet_service; }
              set beyond4 { type ipv4_addr . inet_proto . inet_service; }
              set beyond6 { type ipv6_addr . inet_proto . inet_service; }
              set closed4 { type ipv4_addr . inet_proto . inet_service; }
              set closed6 { type ipv6_addr . inet_proto . inet_service; }
              chain publish {
                ip6 daddr ::1 return
                dnat ip to ip daddr . meta l4proto . th dport map @at4
                dnat ip6 to ip6 daddr . meta l4proto . th dport map @at6
                dnat ip to meta l4proto . th dport map @ports4
                dnat ip6 to meta l4proto . th dport map @ports6
                ip daddr 127.0.0.0/8 return
                dnat ip to meta l4proto . th dport map @far4
                dnat ip6 to meta l4proto . th dport map @far6
              }
              chain incoming {
                type nat hook prerouting priority -100;
                fib daddr type local jump publish
              }
              chain outgoing {
                type nat hook output priority -100;
                fib daddr type local jump publish
              }
              chain guard {
                type filter hook prerouting priority -300;
                ip daddr 127.0.0.0/8 iifname != "lo" drop
                ip6 daddr ::1 iifname != "lo" drop
                iifname @bridges udp dport @tunnels drop
              }
              chain forward {
                type filter hook forward priority -5;
                iifname @bridges ip daddr . meta l4proto . th dport @closed4 drop
                iifname @bridges ip6 daddr . meta l4proto . th dport @closed6 drop
                oifname @bridges jump inwards
                iifname @internal drop
                ct status dnat ip daddr . meta l4proto . th dport @beyond4 jump pass
                ct status dnat ip6 daddr . meta l4proto . th dport @beyond6 jump pass
                ct status dnat ip saddr . meta l4proto . th sport @beyond4 jump pass
                ct status dnat ip6 saddr . meta l4proto . th sport @beyond6 jump pass
                iifname @bridges jump pass
              }
              chain inwards {
                ct state established,related jump pass
                iifname != @internal ct status dnat jump pass
                iifname . oifname @talking jump pass
                drop
              }
              chain pass {
                meta mark set meta mark | $mark accept
              }
              chain leaving {
                type nat hook postrouting priority 100;
                oifname @bridges ip saddr 127.0.0.0/8 masquerade
                ct status dnat oifname . ip saddr @own4 masquerade
                ct status dnat oifname . ip6 saddr @own6 masquerade
                ct status dnat ip daddr . meta l4proto . th dport @beyond4 masquerade
                ct status dnat ip6 daddr . meta l4proto . th dport @beyond6 masquerade
                oifname != @bridges ip saddr @masquerade4 masquerade
                oifname != @bridges ip6 saddr @masquerade6 masquerade
              }
            }
            """;

    private final String table;

    /** @param table its name */
    Rules(String table) {
        this.table = table;
    }

    /** Makes the table anew with these networks and no port, in the place of what there is. */
    String anew(Collection<NetworkSpec> networks) {
        StringBuilder text = new StringBuilder();
        // It is added first, so that it can be deleted whether there was one or not.
        text.append("add table inet ").append(table).append('\n');
        text.append("delete table inet ").append(table).append('\n');
        text.append(TABLE.replace("$table", table).replace("$mark", MARK));
        networks.forEach(network -> text.append(add(network)));
        return text.toString();
    }

    /** Deletes the table. */
    String gone() {
        return "delete table inet " + table + "\n";
    }

    /** Adds a network. */
    String add(NetworkSpec network) {
        return elements("add", network) + (network.spansNodes() ? tunnel("add", network) : "");
    }

    /**
     * Takes one away that is there.
     *
     * @param others those that stay
     */
    String delete(NetworkSpec network, Collection<NetworkSpec> others) {
        boolean last = network.spansNodes()
                && others.stream().noneMatch(other -> other.spansNodes() && port(other) == port(network));
        return elements("delete", network) + (last ? tunnel("delete", network) : "");
    }

    private static int port(NetworkSpec network) {
        return network.overlayOptions().port();
    }

    /** Networks have the port in common. */
    private String tunnel(String verb, NetworkSpec network) {
        StringBuilder text = new StringBuilder();
        element(text, verb, "tunnels", Integer.toString(port(network)));
        return text.toString();
    }

    private String elements(String verb, NetworkSpec network) {
        Bridge bridge = network.bridgeOptions();
        String name = '"' + bridge.device() + '"';
        StringBuilder text = new StringBuilder();
        element(text, verb, "bridges", name);
        for (Subnet subnet : network.subnets()) {
            element(text, verb, subnet.isV6() ? "own6" : "own4", name + " . " + Cidr.parse(subnet.range()));
        }
        if (bridge.communication()) {
            element(text, verb, "talking", name + " . " + name);
        }
        if (network.internal()) {
            element(text, verb, "internal", name);
        }
        if (bridge.masquerade() && !network.internal()) {
            for (Subnet subnet : network.subnets()) {
                String range = Cidr.parse(subnet.range()).toString();
                element(text, verb, subnet.isV6() ? "masquerade6" : "masquerade4", range);
            }
        }
        return text.toString();
    }

    private void element(StringBuilder text, String verb, String set, String element) {
        text.append(verb)
                .append(" element inet ")
                .append(table)
                .append(' ')
                .append(set)
                .append(" { ")
                .append(element)
                .append(" }\n");
    }
}
