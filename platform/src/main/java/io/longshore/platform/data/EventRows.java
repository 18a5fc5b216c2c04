package io.longshore.platform.data;

import io.longshore.contracts.event.Event;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The statements on the table of events. */
final class EventRows {
    /** One statement, so one snapshot: the bounds and the rows belong together. */
    private static final String READ = """
            select bounds.*, page.*
            from (select ${settled}::text as settled, ${next}::text as next,
                         trim.xid::text as trim_xid, trim.seq as trim_seq,
                         (select min(e.time_nanos) from event e
                          where e.xid >= ${settled}) as unsettled_nanos
                  from event_trim trim) bounds
            left join (select xid::text as xid, seq, time_nanos, type, action, actor_id, attributes::text as attributes
                       from event
                       where (xid, seq) > (cast(:xid as xid8), :seq)
                         and xid < ${settled}
                         and project = :project and time_nanos >= :since
                       order by event.xid, seq
                       limit :limit) page on true
            order by cast(page.xid as xid8), page.seq""";

    /**
     * Removes a run from the oldest on, never one from the middle, and notes up to where. A transaction still running could
     * commit below it, so only settled rows go.
     */
    private static final String TRIM = """
            with head as (
                select xid, seq,
                       time_nanos < :before
                         or seq <= (select l.seq from event l order by l.xid desc, l.seq desc limit 1) - :rows as old
                from event where xid < ${settled}
                order by xid, seq limit :limit),
            kept as (select xid, seq from head where not old order by xid, seq limit 1),
            gone as (
                delete from event e using head h
                where e.xid = h.xid and e.seq = h.seq
                  and not exists (select 1 from kept k where (k.xid, k.seq) <= (h.xid, h.seq))
                returning e.xid, e.seq),
            edge as (select xid, seq from gone order by xid desc, seq desc limit 1),
            noted as (
                update event_trim t set xid = edge.xid, seq = edge.seq
                from edge where (edge.xid, edge.seq) > (t.xid, t.seq))
            select count(*) from gone""";

    private static final TypeReference<Map<String, String>> ATTRIBUTES = new TypeReference<>() {};
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final JdbcClient jdbc;
    private final String read;
    private final String trim;

    /** @param base of the events, see {@link EventNumbering}; a constant of the statements, so that the planner knows how few rows are newer */
    EventRows(JdbcClient jdbc, long base) {
        this.jdbc = jdbc;
        this.read = numbered(READ, base);
        this.trim = numbered(TRIM, base);
    }

    private static String numbered(String statement, long base) {
        return statement
                .replace("${settled}", EventNumbering.numbered("pg_snapshot_xmin(pg_current_snapshot())", base))
                .replace("${next}", EventNumbering.numbered("pg_snapshot_xmax(pg_current_snapshot())", base));
    }

    /**
     * What one look finds.
     *
     * @param events after the cursor, oldest first
     * @param settled the oldest transaction still running: everything older is decided
     * @param next the transaction number after the newest given out
     * @param trimmed up to where events have been removed
     * @param unsettledNanos the earliest time of an event that is committed and not yet to be read; {@code Long.MAX_VALUE} without
     */
    record Found(List<Event> events, long settled, long next, EventCursor trimmed, long unsettledNanos) {}

    Found read(EventCursor after, String project, long sinceNanos, int limit) {
        List<Event> events = new ArrayList<>();
        Found[] bounds = new Found[1];
        jdbc.sql(read)
                .param("xid", Long.toString(after.xid()))
                .param("seq", after.seq())
                .param("project", project)
                .param("since", sinceNanos)
                .param("limit", limit)
                .query(row -> {
                    if (bounds[0] == null) {
                        bounds[0] = bounds(row, events);
                    }
                    if (row.getString("xid") != null) {
                        events.add(event(row, project));
                    }
                });
        if (bounds[0] == null) {
            throw new IllegalStateException("the table event_trim has lost its row");
        }
        return bounds[0];
    }

    /** Removes at most {@code limit} of the oldest events that are older than {@code beforeNanos} or more than {@code rows} back. */
    int trim(long beforeNanos, long rows, int limit) {
        return jdbc.sql(trim)
                .param("before", beforeNanos)
                .param("rows", rows)
                .param("limit", limit)
                .query(Integer.class)
                .single();
    }

    private static Found bounds(ResultSet row, List<Event> events) throws SQLException {
        long unsettled = row.getLong("unsettled_nanos");
        boolean none = row.wasNull();
        return new Found(
                events,
                Long.parseLong(row.getString("settled")),
                Long.parseLong(row.getString("next")),
                new EventCursor(Long.parseLong(row.getString("trim_xid")), row.getLong("trim_seq")),
                none ? Long.MAX_VALUE : unsettled);
    }

    private static Event event(ResultSet row, String project) throws SQLException {
        return new Event(
                new EventCursor(Long.parseLong(row.getString("xid")), row.getLong("seq")).toString(),
                project,
                row.getString("type"),
                row.getString("action"),
                row.getString("actor_id"),
                JSON.readValue(row.getString("attributes"), ATTRIBUTES),
                row.getLong("time_nanos"));
    }
}
