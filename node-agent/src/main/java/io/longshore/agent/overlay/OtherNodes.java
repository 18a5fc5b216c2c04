package io.longshore.agent.overlay;

import io.longshore.agent.dns.NetworkNames;
import io.longshore.agent.networkdriver.Peer;
import io.longshore.contracts.agent.OverlayPeers;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.file.DurableFile;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What this node knows of others on its networks: has packets sent to them and serves their names, also after a restart of the agent while
 * nobody tells anything. Thread-safe.
 */
public final class OtherNodes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OtherNodes.class);
    /** What is lost with a crash within this is told again: the agent then has an earlier revision. */
    private static final Duration WRITTEN_WITHIN = Duration.ofSeconds(1);

    private final Path file;
    private final JsonMapper json;
    private final NetworkNames names;
    private final Consumer<Map<String, List<Peer>>> packets;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread writer;
    private PeerSet present = PeerSet.NONE;
    private PeerSet written = PeerSet.NONE;
    private boolean closed;

    /**
     * Takes up what an earlier life of the agent was told.
     *
     * @param file where it is kept
     * @param names to be served
     * @param packets takes all endpoints elsewhere by network id
     */
    public OtherNodes(Path file, JsonMapper json, NetworkNames names, Consumer<Map<String, List<Peer>>> packets) {
        this.file = file;
        this.json = json;
        this.names = names;
        this.packets = packets;
        PeerSet kept = read();
        if (kept != null) {
            try {
                become(kept);
            } catch (RuntimeException e) {
                LOG.warn("what is known of other nodes cannot be used; it is told again", e);
            }
            written = present;
        }
        this.writer = Thread.ofPlatform().daemon().name("other-nodes").start(this::write);
    }

    private @Nullable PeerSet read() {
        try {
            return json.readValue(Files.readAllBytes(file), PeerSet.class);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException | JacksonException e) {
            LOG.warn("{} cannot be read; what is in it is told again", file, e);
            return null;
        }
    }

    /** See {@code AgentOverlayApi.peers}. */
    public long told(OverlayPeers peers) {
        if (peers.revision() < 1
                || peers.base() < 0
                || (peers.base() == 0 && !peers.gone().isEmpty())) {
            throw new Failure.Invalid("revision " + peers.revision() + " of what is on other nodes leads on from "
                    + peers.base() + ": revisions count from 1, and nothing is gone from nothing");
        }
        lock.lock();
        try {
            PeerSet next = present.after(peers);
            if (next != null) {
                become(next);
                changed.signal();
            }
            return present.revisionOf(peers.epoch());
        } finally {
            lock.unlock();
        }
    }

    /** Packets first: whoever finds a name is to reach what it leads to. */
    private void become(PeerSet next) {
        if (next.peers().equals(present.peers())) {
            if (present.equals(PeerSet.NONE)) {
                packets.accept(Map.of());
            }
            present = next;
            return;
        }
        Map<String, List<Peer>> byNetwork = new HashMap<>();
        next.peers()
                .forEach(peer -> byNetwork
                        .computeIfAbsent(peer.network(), id -> new ArrayList<>())
                        .add(new Peer(peer.mac(), peer.addresses(), peer.node())));
        packets.accept(byNetwork);
        Map<String, OverlayPeers.Peer> before = byId(present);
        for (OverlayPeers.Peer peer : next.peers()) {
            OverlayPeers.Peer was = before.remove(peer.id());
            if (was != null && !was.network().equals(peer.network())) {
                names.remove(was.network(), name(was));
            }
            if (!peer.equals(was)) {
                List<InetAddress> addresses =
                        peer.addresses().stream().map(InetAddress::ofLiteral).toList();
                names.put(peer.network(), name(peer), peer.names(), addresses);
            }
        }
        before.values().forEach(gone -> names.remove(gone.network(), name(gone)));
        present = next;
    }

    private static Map<String, OverlayPeers.Peer> byId(PeerSet set) {
        return set.peers().stream()
                .collect(Collectors.toMap(OverlayPeers.Peer::id, Function.identity(), (one, two) -> two, HashMap::new));
    }

    /** Apart from an endpoint of the same id here, whose container has moved between nodes. */
    private static String name(OverlayPeers.Peer peer) {
        return "elsewhere/" + peer.id();
    }

    private void write() {
        try {
            while (true) {
                PeerSet latest;
                lock.lock();
                try {
                    while (present.equals(written) && !closed) {
                        changed.await();
                    }
                    if (closed) {
                        return;
                    }
                    latest = present;
                } finally {
                    lock.unlock();
                }
                write(latest);
                Thread.sleep(WRITTEN_WITHIN);
            }
        } catch (InterruptedException e) {
            // The agent ends, and close() writes what is left.
        }
    }

    private void write(PeerSet latest) {
        try {
            DurableFile.write(file, json.writeValueAsBytes(latest));
        } catch (IOException e) {
            LOG.warn("cannot keep what is known of other nodes in {}; it is told again after a restart", file, e);
        }
        written = latest;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        writer.interrupt();
        try {
            writer.join(WRITTEN_WITHIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!present.equals(written)) {
            write(present);
        }
    }
}
