package io.longshore.fleet;

import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.contracts.id.NodeId;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Persistable;

/** A node as it was last written. */
@Entity
@Table(name = "node")
class NodeRow implements Persistable<String> {
    @Id
    private String id = "";

    /** Null until the first write, which is how an insert is told from an update. */
    @Version
    private @Nullable Integer version;

    private String name = "";
    private String agentAddress = "";
    private String machine = "";

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, String> labels = Map.of();

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable NodeInfo info;

    /** Read by SQL alone. */
    @SuppressWarnings("UnusedVariable")
    private Instant lastSeen = Instant.EPOCH;

    private Instant joined = Instant.EPOCH;

    /** For JPA. */
    protected NodeRow() {}

    NodeRow(NodeId id, Instant joined) {
        this.id = id.value();
        this.joined = joined;
    }

    void take(Heartbeat heartbeat, Instant at) {
        name = heartbeat.name();
        agentAddress = heartbeat.agentAddress();
        machine = heartbeat.machine();
        labels = Map.copyOf(heartbeat.labels());
        info = heartbeat.info();
        lastSeen = at;
    }

    Heartbeat heartbeat() {
        if (info == null) {
            throw new IllegalStateException("node " + id + " was written without its facts");
        }
        return new Heartbeat(name, agentAddress, machine, labels, info);
    }

    /** Another one means that something else than its time was written. */
    int version() {
        return Objects.requireNonNull(version, "not written yet");
    }

    Instant joined() {
        return joined;
    }

    NodeId nodeId() {
        return new NodeId(id);
    }

    @Override
    public String getId() {
        return id;
    }

    @Override
    public boolean isNew() {
        return version == null;
    }
}
