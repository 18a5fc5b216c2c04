package io.longshore.contracts.agent;

import java.util.List;

/**
 * What there is on other nodes of the networks that a node is on: all of it, or what has changed.
 *
 * @param epoch as in {@link ApplyRequest}; revisions are of one epoch
 * @param base the revision from which this leads on; 0 for all there is
 * @param revision to which it leads, 1 or more
 * @param put endpoints that are new or other than before
 * @param gone ids of endpoints that are there no more; none with base 0
 */
public record OverlayPeers(long epoch, long base, long revision, List<Peer> put, List<String> gone) {
    public OverlayPeers {
        put = List.copyOf(put);
        gone = List.copyOf(gone);
    }

    /**
     * An endpoint of a container that runs on another node.
     *
     * @param id of the endpoint, 64 hexadecimal digits
     * @param network its id
     * @param mac of the interface, as {@code 02:42:ac:11:00:02}
     * @param addresses without prefix lengths, IPv4 first
     * @param names by which it is found, the first of them in return
     * @param node IP address at which the others send to its node
     */
    public record Peer(String id, String network, String mac, List<String> addresses, List<String> names, String node) {
        public Peer {
            addresses = List.copyOf(addresses);
            names = List.copyOf(names);
        }
    }
}
