package io.longshore.agent.linux.netlink;

/**
 * A network interface, as rtnetlink(7) tells of it.
 *
 * @param index of the interface in its namespace
 * @param name at most 15 bytes
 * @param kind {@code bridge}, {@code veth} ...; empty for hardware and loopback
 * @param alias what it was marked with (IFLA_IFALIAS), or empty
 * @param master index of the bridge that it is a port of, or 0
 * @param mtu in bytes
 * @param up whether it is switched on (IFF_UP)
 * @param carries whether what is sent goes out (operstate UP)
 * @param mac address as {@code 02:42:ac:11:00:02}, or empty
 */
public record Link(
        int index,
        String name,
        String kind,
        String alias,
        int master,
        int mtu,
        boolean up,
        boolean carries,
        String mac) {}
