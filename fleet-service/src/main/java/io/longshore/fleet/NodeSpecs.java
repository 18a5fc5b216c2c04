package io.longshore.fleet;

import io.longshore.contracts.fleet.NodeSpec;
import io.longshore.contracts.fleet.NodeSpec.Availability;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.web.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.core.type.TypeReference;

/** The table {@code node_spec}. What is read may be a second old, since all services ask for all nodes often. Thread-safe. */
@Repository
class NodeSpecs {
    private static final long FRESH_NANOS = 1_000_000_000L;
    private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};

    private final JdbcClient jdbc;
    private final ReentrantLock reading = new ReentrantLock();
    private final AtomicLong changes = new AtomicLong();
    private volatile Known known = new Known(Map.of(), 0, false);

    NodeSpecs(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Known(Map<NodeId, NodeSpec> specs, long nanos, boolean valid) {}

    private record Row(NodeId id, NodeSpec spec) {}

    NodeSpec of(NodeId id) {
        Known now = known;
        if (!now.valid || System.nanoTime() - now.nanos > FRESH_NANOS) {
            now = read(now);
        }
        return now.specs.getOrDefault(id, NodeSpec.DEFAULT);
    }

    /** One reads, and the others take what was known; so do all while the database is away. */
    private Known read(Known before) {
        if (!before.valid) {
            reading.lock();
        } else if (!reading.tryLock()) {
            return before;
        }
        try {
            long begun = changes.get();
            Map<NodeId, NodeSpec> specs = new HashMap<>();
            jdbc.sql("select id, version, availability, labels::text, updated from node_spec")
                    .query(NodeSpecs::row)
                    .list()
                    .forEach(row -> specs.put(row.id, row.spec));
            Known now = new Known(specs, System.nanoTime(), true);
            if (changes.get() == begun) {
                known = now; // else it may be older than the change
            }
            return now;
        } catch (DataAccessException e) {
            if (!before.valid) {
                throw e;
            }
            return before;
        } finally {
            reading.unlock();
        }
    }

    private static Row row(ResultSet row, int index) throws SQLException {
        return new Row(
                new NodeId(row.getString("id")),
                new NodeSpec(
                        row.getLong("version"),
                        Availability.valueOf(row.getString("availability").toUpperCase(Locale.ROOT)),
                        Json.mapper().readValue(row.getString("labels"), LABELS),
                        row.getTimestamp("updated").toInstant()));
    }

    /** False when its version is not this one any more. */
    boolean update(NodeId id, long version, Availability availability, Map<String, String> labels, Instant now) {
        int changed = jdbc.sql("insert into node_spec (id, version, availability, labels, updated)"
                        + " select :id, 1, :availability, :labels::jsonb, :now"
                        + " where :version = 0 or exists (select 1 from node_spec where id = :id)"
                        + " on conflict (id) do update set version = node_spec.version + 1,"
                        + " availability = excluded.availability, labels = excluded.labels, updated = excluded.updated"
                        + " where node_spec.version = :version")
                .param("id", id.value())
                .param("version", version)
                .param("availability", availability.name().toLowerCase(Locale.ROOT))
                .param("labels", Json.mapper().writeValueAsString(labels))
                .param("now", Timestamp.from(now))
                .update();
        forget();
        return changed == 1;
    }

    void delete(NodeId id) {
        jdbc.sql("delete from node_spec where id = :id").param("id", id.value()).update();
    }

    /** What was read is older than what is there now. */
    void forget() {
        changes.incrementAndGet();
        known = new Known(Map.of(), 0, false);
    }
}
