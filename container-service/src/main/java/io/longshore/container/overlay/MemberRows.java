package io.longshore.container.overlay;

import io.longshore.container.state.ContainerState;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.web.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The containers that are on networks that span nodes, from their rows. A row that has not changed is not read again. For one thread. */
@Component
class MemberRows {
    /** As the index has it. */
    private static final String SPANS = "jsonb_path_exists(spec, '$.network.endpoints[*].network.overlay.vni')";

    /**
     * Of one snapshot. Events of a transaction that was running at the last look are news whatever their number, and the others are not: a
     * sequence is not commit order. A start, an end, a connect and a disconnect tell of each network.
     */
    private static final String NEWS = """
            select pg_current_snapshot()::text as snapshot,
                   exists (select 1 from event
                           where xid >= pg_snapshot_xmin(cast(:last as pg_snapshot))
                             and not pg_visible_in_snapshot(xid, cast(:last as pg_snapshot))
                             and type = 'network' and attributes ->> 'type' = 'overlay') as news""";

    private static final int AT_ONCE = 500;

    private final JdbcClient jdbc;
    private Map<String, Known> known = Map.of();
    private String snapshot = "1:1:";

    MemberRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Known(long version, Member member) {}

    private record Head(String id, long version, NodeId node, ContainerState state) {}

    private record Look(String snapshot, boolean news) {}

    /** Whether a container has come to such a network or left one since the last call; the first time it has. */
    boolean news() {
        Look look = jdbc.sql(NEWS)
                .param("last", snapshot)
                .query((row, index) -> new Look(row.getString("snapshot"), row.getBoolean("news")))
                .single();
        boolean first = snapshot.equals("1:1:");
        snapshot = look.snapshot();
        return look.news() || first;
    }

    /** All that have a row. */
    Collection<Member> all() {
        List<Head> heads = jdbc.sql(
                        "select id, version, node, state from container where " + SPANS + " and state <> 'REMOVING'")
                .query((row, index) -> new Head(
                        row.getString("id"),
                        row.getLong("version"),
                        NodeId.parse(row.getString("node")),
                        ContainerState.valueOf(row.getString("state"))))
                .list();
        Map<String, List<EndpointSpec>> read =
                read(heads.stream().filter(head -> !isKnown(head)).map(Head::id).toList());
        Map<String, Known> now = new HashMap<>();
        for (Head head : heads) {
            Known before = known.get(head.id());
            if (before != null && before.version() == head.version()) {
                now.put(head.id(), before);
            } else if (read.containsKey(head.id())) {
                // Read after its version, it may be newer; then it is read once more.
                now.put(
                        head.id(),
                        new Known(
                                head.version(),
                                new Member(head.node(), head.state().hasProcess(), read.get(head.id()))));
            }
        }
        known = now;
        return now.values().stream().map(Known::member).toList();
    }

    private boolean isKnown(Head head) {
        Known before = known.get(head.id());
        return before != null && before.version() == head.version();
    }

    private Map<String, List<EndpointSpec>> read(List<String> ids) {
        Map<String, List<EndpointSpec>> all = new HashMap<>();
        for (int from = 0; from < ids.size(); from += AT_ONCE) {
            jdbc.sql("select id, spec -> 'network' -> 'endpoints' as endpoints from container where id in (:ids)")
                    .param("ids", new ArrayList<>(ids.subList(from, Math.min(ids.size(), from + AT_ONCE))))
                    .query(row -> {
                        all.put(row.getString("id"), spanning(row.getString("endpoints")));
                    });
        }
        return all;
    }

    private static List<EndpointSpec> spanning(String json) {
        return Stream.of(Json.mapper().readValue(json, EndpointSpec[].class))
                .filter(endpoint -> endpoint.network().spansNodes())
                .toList();
    }
}
