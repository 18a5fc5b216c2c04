package io.longshore.container.placement;

import io.longshore.contracts.id.NodeId;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What is on which node: read at most twice a second, with what this process has placed since. It decides which node is tried; whether what is
 * to be reserved is still there the insert of the row finds out. Thread-safe.
 */
@Component
public class Loads {
    /** In the place of a table: what the containers of nodes have reserved there, and those that are on their way to them. */
    public static final String RESERVED = """
            (select node, cpu_nanos, memory_bytes, host_ports from container
             union all
             select target, cpu_nanos, memory_bytes, host_ports from move where not arrived) as reserved""";

    private static final long FRESH_NANOS = 500_000_000;

    private final JdbcClient jdbc;
    private final ReentrantLock reading = new ReentrantLock();
    private ConcurrentMap<NodeId, NodeLoad> loads = new ConcurrentHashMap<>();
    private long readAt;
    private boolean read;

    Loads(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Of all nodes that have any, as it goes on: what is placed shows in it. */
    public Map<NodeId, NodeLoad> all() {
        reading.lock();
        try {
            if (!read || System.nanoTime() - readAt > FRESH_NANOS) {
                loads = query();
                readAt = System.nanoTime();
                read = true;
            }
            return Collections.unmodifiableMap(loads);
        } finally {
            reading.unlock();
        }
    }

    /** Counts one that is about to be written, so that many at once do not all find the same node the emptiest. */
    public void placed(NodeId node, Reservation reservation) {
        reading.lock();
        try {
            loads.merge(node, NodeLoad.NONE.with(reservation), (load, one) -> load.with(reservation));
        } finally {
            reading.unlock();
        }
    }

    private ConcurrentMap<NodeId, NodeLoad> query() {
        ConcurrentMap<NodeId, NodeLoad> found = new ConcurrentHashMap<>();
        jdbc.sql("select node, count(*) as containers, least(sum(cpu_nanos), 4611686018427387904) as cpu,"
                        + " least(sum(memory_bytes), 4611686018427387904) as memory from " + RESERVED
                        + " group by node")
                .query((row, index) -> found.put(
                        NodeId.parse(row.getString("node")),
                        new NodeLoad(row.getLong("containers"), row.getLong("cpu"), row.getLong("memory"))))
                .list();
        return found;
    }

    /** The nodes where a container names one of these host ports. */
    public Set<NodeId> naming(List<String> hostPorts) {
        return hostPorts.isEmpty()
                ? Set.of()
                : new HashSet<>(jdbc.sql("select distinct node from " + RESERVED
                                + " where host_ports <> '{}' and host_ports && cast(:ports as text[])")
                        .param("ports", hostPorts.toArray(String[]::new))
                        .query((row, index) -> NodeId.parse(row.getString("node")))
                        .list());
    }
}
