package io.longshore.agent.networkdriver.overlay;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.netlink.Links;
import io.longshore.agent.linux.netlink.Message;
import io.longshore.agent.linux.netlink.Neighbours;
import io.longshore.agent.linux.netlink.NetlinkSocket;
import io.longshore.agent.networkdriver.Endpoint;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.Peer;
import io.longshore.agent.networkdriver.PeerNetworks;
import io.longshore.agent.networkdriver.Publication;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Networks that span nodes. On each node a network is what the bridge driver makes of it, with the same gateway on all, and a tunnel
 * ({@link Tunnels}) that is a port of the bridge. Who is where is told by {@link #peers}, and nothing is learned from packets: so nothing is
 * sent to all nodes, and the gateway's own interface is not seen by others.
 */
public final class OverlayNetworkDriver implements NetworkDriver, PeerNetworks {
    private static final Logger LOG = LoggerFactory.getLogger(OverlayNetworkDriver.class);
    /** How often is looked whether the kernel still has what it should. */
    private static final Duration AUDIT = Duration.ofSeconds(2);
    /** Each is answered, and the answers of one call have to fit into the socket's buffer. */
    private static final int AT_ONCE = 64;

    private final NetworkDriver bridge;
    private final NetlinkSocket route;
    private final Tunnels tunnels;
    private final Thread auditor;
    /** Networks of this node, and all peers: both only together with the kernel's state, under the monitor. */
    private final Map<String, NetworkSpec> networks = new HashMap<>();

    /** Null until they are told: what an earlier life of the agent has left is good until then. */
    private @Nullable Map<String, List<Peer>> peers;

    private OverlayNetworkDriver(NetworkDriver bridge, NetlinkSocket route) {
        this.bridge = bridge;
        this.route = route;
        this.tunnels = new Tunnels(route);
        this.auditor = Thread.ofPlatform().daemon().name("overlay-audit").unstarted(this::auditAgain);
    }

    /**
     * Opens the driver in the network namespace of the calling thread. Networks that the node has are made whole.
     *
     * @param bridge makes the bridges and remembers the networks; it stays its owner's to close
     */
    public static OverlayNetworkDriver open(Syscalls syscalls, NetworkDriver bridge) throws IOException {
        var driver = new OverlayNetworkDriver(bridge, NetlinkSocket.route(syscalls));
        driver.begin();
        return driver;
    }

    private synchronized void begin() {
        bridge.networks().stream()
                .filter(NetworkSpec::spansNodes)
                .forEach(network -> networks.put(network.id(), network));
        try {
            for (String left : tunnels.networks()) {
                if (!networks.containsKey(left)) {
                    tunnels.remove(left);
                }
            }
        } catch (IOException e) {
            LOG.warn("cannot look for tunnels of networks that are gone; the next start of the agent tries again", e);
        }
        for (NetworkSpec network : networks.values()) {
            try {
                tunnels.make(network);
            } catch (IOException | Failure e) {
                LOG.error("network {} ({}) cannot be made again on this node", network.name(), network.id(), e);
            }
        }
        auditor.start();
    }

    @Override
    public String name() {
        return "overlay";
    }

    @Override
    public Place place() {
        return Place.SANDBOX;
    }

    /** Those of the bridge driver are all of both; none is told twice. */
    @Override
    public List<NetworkSpec> networks() {
        return List.of();
    }

    @Override
    public synchronized void create(NetworkSpec network) {
        network.overlayOptions();
        boolean known = networks.containsKey(network.id())
                || bridge.networks().stream().anyMatch(one -> one.id().equals(network.id()));
        bridge.create(network);
        try {
            int index = tunnels.make(network);
            networks.put(network.id(), network);
            audit(network, index);
        } catch (IOException e) {
            undo(network, known);
            throw new Failure.Internal("cannot create network " + network.name() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            undo(network, known);
            throw e;
        }
    }

    /** One that was there before may have containers on it, and stays as it is. */
    private void undo(NetworkSpec network, boolean known) {
        if (known) {
            return;
        }
        try {
            remove(network.id());
        } catch (Failure e) {
            LOG.warn("cannot undo the creation of network {}", network.id(), e);
        }
    }

    @Override
    public synchronized void remove(String id) {
        try {
            networks.remove(id);
            tunnels.remove(id);
        } catch (IOException e) {
            throw new Failure.Internal("cannot remove network " + id + ": " + e.getMessage(), e);
        }
        bridge.remove(id);
    }

    @Override
    public void join(Endpoint endpoint) {
        bridge.join(endpoint);
    }

    @Override
    public void leave(Endpoint endpoint) {
        bridge.leave(endpoint);
    }

    @Override
    public List<PublishedPort> publish(Publication publication) {
        return bridge.publish(publication);
    }

    @Override
    public void unpublish(ContainerId container) {
        bridge.unpublish(container);
    }

    @Override
    public void sweep(Collection<Endpoint> known) {
        bridge.sweep(known);
    }

    @Override
    public synchronized void peers(Map<String, List<Peer>> byNetwork) {
        peers = Map.copyOf(byNetwork);
        audit("told");
    }

    /** Makes the kernel's entries what they should be. */
    private synchronized void audit(String why) {
        for (NetworkSpec network : networks.values()) {
            try {
                Optional<Integer> index =
                        Links.find(route, Tunnels.device(network.id())).map(link -> link.index());
                if (index.isEmpty()) {
                    LOG.warn("the tunnel of network {} is gone and is made anew", network.name());
                }
                audit(network, index.isPresent() ? index.get() : tunnels.make(network));
            } catch (IOException | Failure e) {
                LOG.warn("network {} may not reach other nodes ({}): {}", network.name(), why, e.getMessage());
            }
        }
    }

    private void audit(NetworkSpec network, int index) throws ErrnoException {
        if (peers == null) {
            return;
        }
        PeerEntries.Difference difference = PeerEntries.between(
                Neighbours.list(route, index), PeerEntries.of(peers.getOrDefault(network.id(), List.of())));
        if (!difference.isEmpty()) {
            execute(difference.deleted(), entry -> Neighbours.delete(index, entry));
            execute(difference.added(), entry -> Neighbours.add(index, entry));
        }
    }

    private void execute(List<Neighbours.Entry> entries, Function<Neighbours.Entry, Message> message)
            throws ErrnoException {
        for (int from = 0; from < entries.size(); from += AT_ONCE) {
            List<Message> some = new ArrayList<>();
            entries.subList(from, Math.min(entries.size(), from + AT_ONCE))
                    .forEach(entry -> some.add(message.apply(entry)));
            route.execute(some, Errno.ENOENT);
        }
    }

    private void auditAgain() {
        try {
            while (true) {
                Thread.sleep(AUDIT);
                audit("looked after");
            }
        } catch (InterruptedException e) {
            // The agent ends; its next life looks again.
        }
    }

    @Override
    public void close() {
        auditor.interrupt();
        route.close();
    }
}
