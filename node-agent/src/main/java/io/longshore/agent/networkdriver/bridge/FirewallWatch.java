package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.netlink.Nftables;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes our table anew when somebody else has touched it, as {@code nft flush ruleset} or the reload of a firewall does, and looks after the
 * chains of others when they change. The kernel tells of each change; as it may lose that when there is much of it, the table is looked for
 * every two seconds besides.
 */
final class FirewallWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FirewallWatch.class);
    private static final int NETFILTER = 12;
    private static final Duration PERIOD = Duration.ofSeconds(2);
    /** How long an end of the agent may have to wait for this. */
    private static final Duration WAIT = Duration.ofMillis(250);

    private static final int PIECE = 1 << 16;
    /** More than a socket holds. */
    private static final int PIECES = 10_000;
    /** Firewalls load their rules in several steps: what they do within this is looked at once. */
    private static final long SETTLE_MILLIS = 100;

    private final Syscalls syscalls;
    private final Fd socket;
    private final Firewall firewall;
    private final ForeignChains foreign;
    private final String table;
    private final Set<String> touched = new HashSet<>();
    private final Thread thread =
            Thread.ofPlatform().daemon().name("firewall-watch").unstarted(this::watch);
    private long looked = System.nanoTime();
    /** Of the latest transaction that is known. */
    private int generation;

    private volatile boolean closed;

    /** In the network namespace of the calling thread; begins to listen, so that nothing is missed until {@link #start}. */
    FirewallWatch(Syscalls syscalls, Firewall firewall, String table) throws IOException {
        this.syscalls = syscalls;
        this.firewall = firewall;
        this.table = table;
        this.foreign = new ForeignChains(firewall, table);
        this.generation = firewall.generation();
        this.socket = syscalls.netlink(NETFILTER, Nftables.GROUP);
        syscalls.receiveWithin(socket, WAIT);
    }

    void start() {
        look();
        thread.start();
    }

    private void watch() {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.nativeOrder());
        while (!closed) {
            try {
                if (isForeign(piece)) {
                    Thread.sleep(SETTLE_MILLIS);
                    boolean ours = touched.contains(table);
                    touched.clear();
                    if (ours) {
                        LOG.warn("somebody else has changed table inet {}, which is made anew", table);
                        firewall.rebuild();
                    }
                    look();
                }
            } catch (IOException | RuntimeException e) {
                LOG.warn("cannot see to table inet {}; tried again in two seconds", table, e);
                pause();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Waits for a change by somebody else, which it takes in; false if there was none for a while, or it was ours. */
    private boolean isForeign(ByteBuffer piece) throws IOException {
        try {
            syscalls.read(socket, piece.clear());
        } catch (ErrnoException e) {
            if (e.is(Errno.EAGAIN)) {
                if (System.nanoTime() - looked < PERIOD.toNanos()) {
                    return false;
                }
                looked = System.nanoTime();
                if (firewall.isNeeded() && !firewall.isThere()) {
                    touched.add(table);
                }
                return touched.contains(table);
            }
            if (e.is(Errno.ENOBUFS)) {
                return isForeignAmongWhatWasMissed(piece);
            }
            throw e;
        }
        Nftables.Change change = Nftables.read(piece.flip());
        touched.addAll(change.tables());
        if (change.generation() == 0) {
            return false;
        }
        generation = change.generation();
        if (firewall.isOwn(change.generation())) {
            touched.clear();
            return false;
        }
        return true;
    }

    /**
     * More happened than the socket has room for, as it does when a table with many ports is made: what is left of that says too little. By
     * their numbers it is known whether all were our own; if not, anything may have been.
     */
    private boolean isForeignAmongWhatWasMissed(ByteBuffer piece) throws IOException {
        for (int left = 0; left < PIECES; left++) {
            try {
                syscalls.read(socket, piece.clear());
            } catch (ErrnoException e) {
                if (e.is(Errno.EAGAIN)) {
                    break;
                }
                if (!e.is(Errno.ENOBUFS)) {
                    throw e;
                }
            }
        }
        int latest = firewall.ownSince(generation);
        if (latest == 0) {
            generation = firewall.generation();
            touched.add(table);
            return true;
        }
        generation = latest;
        touched.clear();
        return false;
    }

    /** Sees to others' chains now. */
    void look() {
        try {
            if (firewall.isNeeded()) {
                foreign.look();
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot see whether another firewall drops what containers send", e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PERIOD);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    List<String> remarks() {
        return foreign.remarks();
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            // It may be in the midst of a system call, which ends soon; the descriptor must be open then.
            thread.join(PERIOD.plusSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!thread.isAlive()) {
            socket.close();
        }
    }
}
