package io.longshore.container.lease;

import io.longshore.contracts.id.NodeId;
import io.longshore.platform.run.Listener;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Which replica works for which node: a node belongs to one of {@link #SHARDS} shards, and a shard to the replica that holds its lease in
 * PostgreSQL. The epoch grows whenever a lease is taken, also by the same replica after a restart, so that an agent can tell commands
 * of the one that was deposed. Any replica may serve a client's call with the epoch that is in force. Thread-safe.
 */
@Component
public class ShardLeases {
    private static final Logger LOG = LoggerFactory.getLogger(ShardLeases.class);
    /** As many as replicas could ever share usefully. */
    public static final int SHARDS = 64;
    /** Holders renew three times in this time. */
    private static final String LASTS = "interval '10 seconds'";
    /** How long an epoch that another replica holds is taken as known. */
    private static final long KNOWN_NANOS = 1_000_000_000L;

    /** Beyond what was held here before, which a restored database may know nothing of: no two leases have one epoch. */
    private static final String TAKE =
            "update shard_lease set holder = :holder, epoch = greatest(epoch, :last) + 1, expires = now() + " + LASTS
                    + " where shard = :shard and (holder = :holder or expires < now())"
                    + " returning epoch, expires, pg_postmaster_start_time() as server";
    /**
     * A row that is older than what was written into it last is of a database that was restored, and one of a server that was started since may
     * be, or lack what a standby had not got yet: it is not this lease any more.
     */
    private static final String RENEW = "update shard_lease set expires = greatest(expires, now() + " + LASTS
            + ") where shard = :shard and holder = :holder and epoch = :epoch and expires >= :expires"
            + " and pg_postmaster_start_time() = :server returning expires";

    /** A restored database may be behind its agents. Only then: otherwise the lease has moved, and its epoch is known to the agent. */
    private static final String CATCH_UP =
            "update shard_lease set epoch = :epoch + 1 where shard = :shard and epoch < :epoch";

    private final JdbcClient jdbc;
    private final String holder;
    private final Map<Integer, Held> held = new ConcurrentHashMap<>();
    /** The epoch of the last lease of each shard that was taken here. */
    private final Map<Integer, Long> last = new ConcurrentHashMap<>();

    private final Map<Integer, Known> foreign = new ConcurrentHashMap<>();

    ShardLeases(JdbcClient jdbc, Listener listener) {
        this.jdbc = jdbc;
        this.holder = hostName() + ":" + listener.socket();
    }

    private record Known(long epoch, long nanos) {}

    /** @param server since when it runs */
    private record Held(long epoch, OffsetDateTime expires, OffsetDateTime server) {}

    /** The shard of a node. */
    public static int shard(NodeId node) {
        return Math.floorMod(node.value().hashCode(), SHARDS);
    }

    /**
     * Takes or renews the lease of a node's shard; false when another replica holds it. To be called every few seconds. After the database
     * was restored to an earlier state, or its server started anew, it is another lease, of a higher epoch: who follows a node begins anew then.
     */
    public boolean hold(NodeId node) {
        int shard = shard(node);
        Held mine = held.get(shard);
        if (mine != null) {
            Optional<OffsetDateTime> renewed = jdbc.sql(RENEW)
                    .param("shard", shard)
                    .param("holder", holder)
                    .param("epoch", mine.epoch)
                    .param("expires", mine.expires)
                    .param("server", mine.server)
                    .query(OffsetDateTime.class)
                    .optional();
            if (renewed.isPresent()) {
                held.replace(shard, mine, new Held(mine.epoch, renewed.get(), mine.server));
                return true;
            }
            held.remove(shard, mine);
        }
        return take(shard) != null;
    }

    /** The epoch under which this replica holds a node's lease; null if it does not. */
    public @Nullable Long held(NodeId node) {
        Held mine = held.get(shard(node));
        return mine == null ? null : mine.epoch;
    }

    /** The epoch in force for commands to a node's agent. */
    public long epoch(NodeId node) {
        int shard = shard(node);
        Held mine = held.get(shard);
        if (mine != null) {
            return mine.epoch;
        }
        Known known = foreign.get(shard);
        if (known != null && System.nanoTime() - known.nanos < KNOWN_NANOS) {
            return known.epoch;
        }
        Long taken = take(shard);
        if (taken != null) {
            return taken;
        }
        return read(shard);
    }

    /**
     * The epoch in force for a node whose agent has obeyed {@code highest}: when the database is behind that, as after a restore, it
     * goes beyond first. Whoever holds the lease finds out at its next renewal.
     */
    public long epochFrom(NodeId node, long highest) {
        int shard = shard(node);
        int raised =
                jdbc.sql(CATCH_UP).param("shard", shard).param("epoch", highest).update();
        if (raised == 1) {
            LOG.warn(
                    "the agent of node {} has obeyed epoch {}, which the database did not know: was it restored?",
                    node,
                    highest);
        }
        // One that has this epoch or a higher one has been taken since, and is obeyed.
        Held mine = held.computeIfPresent(shard, (number, before) -> before.epoch >= highest ? before : null);
        return mine == null ? read(shard) : mine.epoch;
    }

    private long read(int shard) {
        long epoch = jdbc.sql("select epoch from shard_lease where shard = :shard")
                .param("shard", shard)
                .query(Long.class)
                .single();
        foreign.put(shard, new Known(epoch, System.nanoTime()));
        return epoch;
    }

    private synchronized @Nullable Long take(int shard) {
        Held already = held.get(shard);
        if (already != null) {
            return already.epoch;
        }
        Held taken = jdbc.sql(TAKE)
                .param("holder", holder)
                .param("shard", shard)
                .param("last", last.getOrDefault(shard, 0L))
                .query((row, index) -> new Held(
                        row.getLong("epoch"),
                        row.getObject("expires", OffsetDateTime.class),
                        row.getObject("server", OffsetDateTime.class)))
                .optional()
                .orElse(null);
        if (taken == null) {
            return null;
        }
        held.put(shard, taken);
        last.put(shard, taken.epoch);
        foreign.remove(shard);
        return taken.epoch;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
