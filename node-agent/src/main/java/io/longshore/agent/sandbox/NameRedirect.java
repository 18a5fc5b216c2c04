package io.longshore.agent.sandbox;

import io.longshore.agent.linux.netlink.Cidr;
import io.longshore.agent.linux.netlink.Message;
import io.longshore.agent.linux.netlink.Redirects;
import io.longshore.agent.linux.netlink.Redirects.Redirect;
import java.net.Inet4Address;
import java.util.List;

/**
 * Rules in a sandbox by which its processes find a name server at 127.0.0.11, port 53, while its sockets are at other ports: one at port 53
 * would keep the container from serving names itself. Pure.
 */
final class NameRedirect {
    static final String TABLE = "longshore-names";
    private static final Inet4Address SERVER = (Inet4Address) Cidr.address("127.0.0.11");
    private static final int PORT = 53;
    private static final int TCP = 6;
    private static final int UDP = 17;

    private NameRedirect() {}

    /** What makes them, in the place of earlier ones. */
    static List<Message> rules(int udpPort, int tcpPort) {
        return Redirects.anew(
                TABLE, List.of(new Redirect(UDP, SERVER, PORT, udpPort), new Redirect(TCP, SERVER, PORT, tcpPort)));
    }
}
