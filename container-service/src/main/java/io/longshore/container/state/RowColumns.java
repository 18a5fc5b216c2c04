package io.longshore.container.state;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.longshore.container.placement.Reservation;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.web.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code container} and the record, both ways. */
final class RowColumns {
    static final String SELECT = """
            select id, project, name, generation, version, state, node, image, created, remove_volumes, request, spec,
                   observed, starts, exits from container""";

    /**
     * Whether a row is still as it was read. Its version says so, but of a database that has lost commits (restored, or a replica that took
     * over without them) and counts the same numbers again; hence the rest.
     */
    static final String SAME = """
            select version = :version and state = :state and name = :name and starts = :starts and exits = :exits
            from container where id = :id""";

    /** More of a condition: nobody restarts it. */
    static final String NOT_RESTARTED =
            " and not exists (select 1 from restart where restart.container = container.id and restart.until > now())";

    /** Nothing where the name is taken. */
    static final String INSERT = """
            insert into container (id, project, name, generation, version, state, node, image, created, auto_remove,
                                   request, spec, cpu_nanos, memory_bytes, host_ports)
            values (:id, :project, :name, :generation, :version, :state, :node, :image, :created, :autoRemove,
                    cast(:request as jsonb), cast(:spec as jsonb), :cpuNanos, :memoryBytes, cast(:hostPorts as text[]))
            on conflict (project, name) do nothing""";

    /** What may change in a container's life; request and spec do so by {@link #RECONFIGURE} and {@link #REPLACE} only. */
    static final String UPDATE = """
            update container set version = version + 1, name = :name, state = :state, remove_volumes = :removeVolumes,
                observed = cast(:observed as jsonb), starts = :starts, exits = :exits,
                finished_at = :finishedAt
            where id = :id and version = :version""";

    /** The end of a create that began with a row. */
    static final String RESOLVE = """
            update container set version = version + 1, state = :state, spec = cast(:spec as jsonb)
            where id = :id and version = :version""";

    /** A change of what it was asked to be. */
    static final String RECONFIGURE = """
            update container set version = version + 1, request = cast(:request as jsonb), spec = cast(:spec as jsonb),
                   memory_bytes = :memoryBytes, updating_since = null
            where id = :id and version = :version""";

    /** The same while its update goes on. */
    static final String REPLACE = """
            update container set version = version + 1, request = cast(:request as jsonb), spec = cast(:spec as jsonb),
                   memory_bytes = :memoryBytes
            where id = :id and version = :version""";

    /** The moment in which it is on another node. */
    static final String MOVE = """
            with mine as (select container from move where container = :id and generation = :generation and target = :node
                         and not arrived and not back for update), moved as (
                update container set version = version + 1, generation = :generation, node = :node,
                       spec = cast(:spec as jsonb), observed = cast(:observed as jsonb), starts = :starts, updating_since = null
                where id = :id and version = :version and exists (select 1 from mine) returning id)
            update move set arrived = true where container in (select id from moved)""";

    static final String DELETE = "delete from container where id = :id and version = :version";

    /** Without what is null, which absence says too: half of a request's fields. */
    private static final JsonMapper STORED = Json.mapper()
            .rebuild()
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    private RowColumns() {}

    /** Of {@link #INSERT}. */
    static Map<String, @Nullable Object> inserting(ContainerRow row, Reservation reservation) {
        Map<String, @Nullable Object> all = parameters(row);
        all.put("cpuNanos", reservation.cpuNanos());
        all.put("memoryBytes", reservation.memoryBytes());
        all.put("hostPorts", reservation.hostPorts().toArray(String[]::new));
        return all;
    }

    /** Of {@link #RESOLVE}, {@link #RECONFIGURE}, {@link #REPLACE} and {@link #MOVE}. */
    static Map<String, @Nullable Object> parameters(ContainerRow row) {
        Map<String, @Nullable Object> all = changing(row);
        all.put("project", row.project());
        all.put("generation", row.generation());
        all.put("node", row.node().value());
        all.put("image", row.image().value());
        all.put("created", Timestamp.from(row.created()));
        all.put("autoRemove", row.autoRemove());
        all.put("request", json(row.request()));
        all.put("spec", json(row.spec()));
        all.put("memoryBytes", memory(row.hostConfig()));
        return all;
    }

    /** Of {@link #UPDATE}. */
    static Map<String, @Nullable Object> changing(ContainerRow row) {
        Map<String, @Nullable Object> all = new HashMap<>();
        all.put("id", row.id().value());
        all.put("version", row.version());
        all.put("name", row.name());
        all.put("state", row.state().name());
        all.put("removeVolumes", row.removeVolumes());
        all.put("observed", json(row.observed()));
        all.put("starts", row.starts());
        all.put("exits", row.exits());
        all.put("finishedAt", timestamp(row.finishedAt()));
        return all;
    }

    /** Of {@link #SAME}. */
    static Map<String, Object> telling(ContainerRow row) {
        return Map.of(
                "id", row.id().value(),
                "version", row.version(),
                "state", row.state().name(),
                "name", row.name(),
                "starts", row.starts(),
                "exits", row.exits());
    }

    static ContainerRow read(ResultSet row, int index) throws SQLException {
        return new ContainerRow(
                ContainerId.parse(row.getString("id")),
                row.getString("project"),
                row.getString("name"),
                row.getInt("generation"),
                row.getLong("version"),
                ContainerState.valueOf(row.getString("state")),
                NodeId.parse(row.getString("node")),
                Digest.parse(row.getString("image")),
                row.getTimestamp("created").toInstant(),
                row.getBoolean("remove_volumes"),
                Json.mapper().readValue(row.getString("request"), CreateRequest.class),
                value(row.getString("spec"), ContainerSpec.class),
                value(row.getString("observed"), Observed.class),
                row.getLong("starts"),
                row.getLong("exits"));
    }

    private static long memory(HostConfig host) {
        return host.memoryReservation() == null ? 0 : Math.clamp(host.memoryReservation(), 0, Reservation.MOST);
    }

    /** How long the row's documents are. */
    static int characters(ResultSet row) throws SQLException {
        int all = 0;
        for (String column : List.of("request", "spec", "observed")) {
            String json = row.getString(column);
            all += json == null ? 0 : json.length();
        }
        return all;
    }

    private static <T> @Nullable T value(@Nullable String json, Class<T> type) {
        return json == null ? null : Json.mapper().readValue(json, type);
    }

    private static @Nullable String json(@Nullable Object value) {
        return value == null ? null : STORED.writeValueAsString(value);
    }

    private static @Nullable Timestamp timestamp(@Nullable Instant time) {
        return time == null ? null : Timestamp.from(time);
    }
}
