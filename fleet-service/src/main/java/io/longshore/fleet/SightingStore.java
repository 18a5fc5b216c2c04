package io.longshore.fleet;

import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.id.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code node_seen}, and when nodes were last heard by the database's clock: those of replicas differ. */
@Repository
class SightingStore {
    /** Where it is not known, since the database has crashed, the row says. */
    private static final String AGE =
            "cast(extract(epoch from statement_timestamp() - coalesce(node_seen.seen, node.last_seen)) * 1000 as bigint)";

    private final JdbcClient jdbc;

    SightingStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * A node's row in short.
     *
     * @param version of its row
     * @param age since it was last heard, by any replica
     */
    record Line(NodeId id, int version, Duration age) {}

    /** Where a node is, and when it was last heard. */
    record Place(String agentAddress, String machine, Duration age) {
        /** Whether this is said by the same agent, or by one that goes on where it ended. */
        boolean isOf(Heartbeat heartbeat) {
            // A socket is of the machine of fleet-service, which may have started again within seconds.
            return agentAddress.equals(heartbeat.agentAddress())
                    && (agentAddress.startsWith("unix:") || machine.equals(heartbeat.machine()));
        }
    }

    /** All nodes that have a row. */
    List<Line> all() {
        return jdbc.sql("select node.id, node.version, " + AGE + " as age from node"
                        + " left join node_seen on node_seen.node = node.id")
                .query((row, index) -> new Line(
                        new NodeId(row.getString("id")),
                        row.getInt("version"),
                        Duration.ofMillis(Math.max(0, row.getLong("age")))))
                .list();
    }

    /** In the caller's transaction, to whose end no other replica writes this node's row. */
    Optional<Place> locked(NodeId id) {
        return jdbc.sql("select agent_address, machine, " + AGE + " as age from node"
                        + " left join node_seen on node_seen.node = node.id where node.id = :id for update of node")
                .param("id", id.value())
                .query((row, index) -> new Place(
                        row.getString("agent_address"),
                        row.getString("machine"),
                        Duration.ofMillis(Math.max(0, row.getLong("age")))))
                .optional();
    }

    /**
     * Nodes were heard, this long ago; what has no row is left out. A row whose time is {@code writeEvery} old gets the new one, for after a
     * crash of the database.
     */
    void heard(Map<NodeId, Duration> ages, Duration writeEvery) {
        String[] ids = ages.keySet().stream().map(NodeId::value).toArray(String[]::new);
        Long[] millis = ages.values().stream().map(Duration::toMillis).toArray(Long[]::new);
        // Locked in one order by all replicas; a row that somebody writes gets its time from that.
        jdbc.sql("with told as (insert into node_seen (node, seen)"
                        + " select node.id, statement_timestamp() - heard.age * interval '1 millisecond'"
                        + " from unnest(cast(:ids as text[]), cast(:ages as bigint[])) as heard (id, age)"
                        + " join node on node.id = heard.id order by node.id"
                        + " on conflict (node) do update set seen = greatest(node_seen.seen, excluded.seen)"
                        + " returning node, seen), due as (select node.id, told.seen from told"
                        + " join node on node.id = told.node"
                        + " where told.seen - node.last_seen >= :every * interval '1 millisecond'"
                        + " order by node.id for update of node skip locked)"
                        + " update node set last_seen = due.seen from due where node.id = due.id")
                .param("ids", ids)
                .param("ages", millis)
                .param("every", writeEvery.toMillis())
                .update();
    }

    void delete(NodeId id) {
        jdbc.sql("delete from node_seen where node = :id")
                .param("id", id.value())
                .update();
    }
}
