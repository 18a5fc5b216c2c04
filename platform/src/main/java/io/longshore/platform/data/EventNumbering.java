package io.longshore.platform.data;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What is added to a server's transaction numbers to make those of events and cursors. Each server counts for itself: where events were
 * moved from one to another, the number there goes on from here, so that what was written before stays older than what comes after,
 * and a cursor that somebody holds stays the place that it was.
 */
public final class EventNumbering {
    private static final String NEXT =
            "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint + xid_base from event_trim";
    private static final String OLDEST_RUNNING = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

    private EventNumbering() {}

    /**
     * Makes events that will be inserted over there follow all that were inserted here. To be called when the rows of {@code event} and
     * {@code event_trim} are there and nobody writes on either side.
     *
     * @param from with the outbox's schema as the current one
     * @param to the same, as the role that owns it; in a transaction, which this becomes part of
     */
    public static void carryOver(Connection from, Connection to) throws SQLException {
        // The oldest that runs over there and not the newest: readers take what is older than that, and what was moved
        // is to be read at once.
        long base = Math.max(0, number(from, NEXT) - number(to, OLDEST_RUNNING));
        try (Statement statement = to.createStatement();
                PreparedStatement keep = to.prepareStatement("update event_trim set xid_base = ?")) {
            statement.execute("alter table event alter column xid set default "
                    + (base == 0 ? "pg_current_xact_id()" : numbered("pg_current_xact_id()", base)));
            keep.setLong(1, base);
            if (keep.executeUpdate() != 1) {
                throw new IllegalStateException("the table event_trim has lost its row");
            }
        }
    }

    /** Of the service's own schema; it changes only while the service does not run. */
    static long of(JdbcClient jdbc) {
        return jdbc.sql("select xid_base from event_trim").query(Long.class).single();
    }

    /** An expression for a transaction number of this server as events have it. */
    static String numbered(String xid, long base) {
        return "(" + xid + "::text::bigint + " + base + ")::text::xid8";
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            if (!row.next()) {
                throw new IllegalStateException("the table event_trim has lost its row");
            }
            return row.getLong(1);
        }
    }
}
