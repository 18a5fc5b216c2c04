package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.NftablesLibrary;
import io.longshore.agent.linux.netlink.Conntrack;
import io.longshore.agent.linux.netlink.Message;
import io.longshore.agent.linux.netlink.NetlinkSocket;
import io.longshore.agent.linux.netlink.Nftables;
import io.longshore.agent.linux.netlink.SetElements;
import io.longshore.contracts.agent.NetworkSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our table of nftables, kept as the networks and published ports are; without any there is none. Each change is one transaction of the kernel. Thread-safe: the kernel
 * makes one transaction at a time anyhow.
 */
final class Firewall implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Firewall.class);
    /** More than are ever told and not yet looked at. */
    private static final int REMEMBERED = 4096;

    private final NftablesLibrary nftables;
    private final NetlinkSocket netfilter;
    private final String table;
    private final Rules rules;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, NetworkSpec> networks = new HashMap<>();
    private final Set<Translation> ports = new LinkedHashSet<>();
    /** The numbers of the transactions that we made, of late. */
    private final Set<Integer> own = new LinkedHashSet<>();

    Firewall(NftablesLibrary nftables, NetlinkSocket netfilter, String table) {
        this.nftables = nftables;
        this.netfilter = netfilter;
        this.table = table;
        this.rules = new Rules(table);
    }

    /** Begins with these networks and no ports, in the place of whatever an earlier life of the agent has left. */
    void begin(Collection<NetworkSpec> all) throws IOException {
        lock.lock();
        try {
            all.forEach(network -> networks.put(network.id(), network));
            rebuild();
        } finally {
            lock.unlock();
        }
    }

    /** Makes the table anew, with all that it should have. */
    void rebuild() throws IOException {
        lock.lock();
        try {
            if (isNeeded()) {
                nftables.run(rules.anew(networks.values()));
                noteOwn();
                netfilter.transaction(elements(ports, true));
                noteOwn();
            } else if (isThere()) {
                nftables.run(rules.gone());
                noteOwn();
            }
        } finally {
            lock.unlock();
        }
    }

    void add(NetworkSpec network) throws IOException {
        lock.lock();
        try {
            if (networks.put(network.id(), network) != null) {
                return;
            }
            if (networks.size() == 1) {
                rebuild();
            } else {
                change(() -> nftables.run(rules.add(network)));
            }
        } finally {
            lock.unlock();
        }
    }

    void remove(String id) throws IOException {
        lock.lock();
        try {
            NetworkSpec network = networks.remove(id);
            if (networks.isEmpty()) {
                rebuild();
            } else if (network != null) {
                change(() -> nftables.run(rules.delete(network, networks.values())));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Publishes ports, which nobody else has; none of them if that fails. */
    void publish(List<Translation> added) throws IOException {
        lock.lock();
        try {
            boolean first = !isNeeded();
            ports.addAll(added);
            if (first) {
                rebuild();
            } else {
                change(() -> netfilter.transaction(elements(added, true)));
            }
        } catch (IOException e) {
            withdraw(added, e);
            throw e;
        } finally {
            lock.unlock();
        }
        // Packets of a flow that was there before go where they went, and a client of UDP may never begin another.
        Set<Integer> udp = added.stream()
                .filter(each -> each.protocol() == Translation.UDP)
                .map(Translation::hostPort)
                .collect(Collectors.toSet());
        if (!udp.isEmpty()) {
            forgetting("ports " + udp, () -> Conntrack.forgetPorts(netfilter, Translation.UDP, udp));
        }
    }

    /** Those of others are not to go with ports that cannot be published. */
    private void withdraw(List<Translation> added, IOException why) {
        added.forEach(ports::remove);
        try {
            rebuild();
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    /** What is left of connections ends by itself, some minutes later: no reason to fail. */
    private static void forgetting(String what, Change change) {
        try {
            change.make();
        } catch (IOException e) {
            LOG.warn("connections of {} cannot be forgotten: {}", what, e.getMessage());
        }
    }

    void unpublish(List<Translation> removed) throws IOException {
        lock.lock();
        try {
            removed.forEach(ports::remove);
            if (isNeeded()) {
                // Two ports of this node can lead to one there, which is closed as long as one of them does.
                List<Translation> gone = removed.stream()
                        .filter(each -> ports.stream().noneMatch(each::isSharedWith))
                        .toList();
                change(() -> netfilter.transaction(elements(gone, false)));
            } else {
                rebuild();
            }
        } finally {
            lock.unlock();
        }
        Set<InetAddress> servers = new LinkedHashSet<>();
        Map<InetAddress, Set<Integer>> beyond = new HashMap<>();
        for (Translation each : removed) {
            switch (each.kind()) {
                case HERE -> servers.add(each.container());
                case FAR ->
                    beyond.computeIfAbsent(each.container(), node -> new HashSet<>())
                            .add(each.port());
                // Connections of the relay end with its sockets.
                case RELAYED -> {}
            }
        }
        beyond.forEach((node, some) -> forgetting(
                "ports " + some + " of node " + node.getHostAddress(),
                () -> Conntrack.forgetServer(netfilter, node, some)));
        for (InetAddress server : servers) {
            forgetting("container address " + server.getHostAddress(), () -> Conntrack.forgetServer(netfilter, server));
        }
    }

    private List<Message> elements(Collection<Translation> some, boolean added) {
        Map<String, List<SetElements.Element>> byMap = new TreeMap<>();
        for (Translation each : some) {
            String map = each.map();
            if (map != null) {
                byMap.computeIfAbsent(map, name -> new ArrayList<>()).add(each.element());
            }
            String set = each.set();
            if (set != null) {
                byMap.computeIfAbsent(set, name -> new ArrayList<>()).add(each.end());
            }
        }
        List<Message> messages = new ArrayList<>();
        byMap.forEach((name, elements) -> messages.addAll(
                added ? SetElements.add(table, name, elements) : SetElements.delete(table, name, elements)));
        return messages;
    }

    private interface Change {
        void make() throws IOException;
    }

    /** If the table is not as it should be, because somebody has changed it just now, it is made anew. */
    private void change(Change change) throws IOException {
        try {
            change.make();
            noteOwn();
        } catch (IOException e) {
            LOG.warn("table inet {} is not as it was left, and is made anew: {}", table, e.getMessage());
            rebuild();
        }
    }

    /**
     * If somebody else came in between, his number is noted and ours is not: then ours is taken for another's, which costs no more than a look
     * too many.
     */
    private void noteOwn() throws IOException {
        own.add(Nftables.generation(netfilter));
        if (own.size() > REMEMBERED) {
            own.remove(own.iterator().next());
        }
    }

    /** Whether we made the transaction of this number. Waits for one that is being made. */
    boolean isOwn(int generation) {
        lock.lock();
        try {
            return own.contains(generation);
        } finally {
            lock.unlock();
        }
    }

    /** The number of the latest transaction that anybody made. */
    int generation() throws IOException {
        return Nftables.generation(netfilter);
    }

    /** The number of the latest transaction of all, if we made each since this one; 0 if we did not. */
    int ownSince(int generation) throws IOException {
        lock.lock();
        try {
            int latest = Nftables.generation(netfilter);
            for (int each = latest; each != generation; each--) {
                // Of those that are long past none is known, so this ends.
                if (!own.contains(each)) {
                    return 0;
                }
            }
            return latest;
        } finally {
            lock.unlock();
        }
    }

    /** Runs commands on others' tables, as one of our own transactions. */
    void run(String commands) throws IOException {
        lock.lock();
        try {
            nftables.run(commands);
            noteOwn();
        } finally {
            lock.unlock();
        }
    }

    /**
     * All chains of the node. Read from the kernel itself: libnftables ends the process (a failed assertion) when it is to print rules that it
     * does not know, and others may have those.
     */
    List<Nftables.Chain> chains() throws IOException {
        return Nftables.chains(netfilter);
    }

    /** The comments to the rules of a chain. */
    List<String> comments(Nftables.Chain chain) throws IOException {
        return Nftables.comments(netfilter, chain);
    }

    /** Whether there is something that the table is for. */
    boolean isNeeded() {
        lock.lock();
        try {
            return !networks.isEmpty() || !ports.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the table is there at all. */
    boolean isThere() throws IOException {
        try {
            netfilter.query(Nftables.table(table), (type, content) -> {});
            return true;
        } catch (ErrnoException e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        netfilter.close();
        nftables.close();
    }
}
