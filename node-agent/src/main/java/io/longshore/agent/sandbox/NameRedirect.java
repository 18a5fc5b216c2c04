package io.longshore.agent.sandbox;

/**
 * Rules in a sandbox by which its processes find a name server at 127.0.0.11, port 53, while its sockets are at other ports: one at port 53
 * would keep the container from serving names itself. Pure.
 */
final class NameRedirect {
    static final String TABLE = "longshore-names";

    private NameRedirect() {}

    /** The commands of nft(8) that make them, in the place of earlier ones. */
    static String commands(int udpPort, int tcpPort) {
        // The table is added first, so that it can be deleted whether there was one or not. Answers come back by
        // conntrack, so there is no rule for them.
        return """
                add table ip %1$s
                delete table ip %1$s
                table ip %1$s {
                  chain output {
                    type nat hook output priority -100;
                    ip daddr 127.0.0.11 udp dport 53 dnat to 127.0.0.11:%2$d
                    ip daddr 127.0.0.11 tcp dport 53 dnat to 127.0.0.11:%3$d
                  }
                }
                """.formatted(TABLE, udpPort, tcpPort);
    }
}
