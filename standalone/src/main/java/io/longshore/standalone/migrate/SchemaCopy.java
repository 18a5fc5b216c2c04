package io.longshore.standalone.migrate;

import static io.longshore.standalone.migrate.Sql.execute;
import static io.longshore.standalone.migrate.Sql.list;
import static io.longshore.standalone.migrate.Sql.name;
import static io.longshore.standalone.migrate.Sql.one;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.data.EventNumbering;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/**
 * Fills a schema with the rows of its counterpart at another server. Both were made by the same scripts, so that columns, constraints
 * and defaults are alike. All of it is one transaction of the service's own role; a row at a time is in memory.
 */
final class SchemaCopy {
    /** Without columns that the server computes, which cannot be written. */
    private static final String COLUMNS = """
            select c.relname as table_name, a.attname as column_name
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
            where n.nspname = ? and c.relkind = 'r'
            order by c.relname, a.attnum""";

    private static final String REFERENCES = """
            select child.relname as child, parent.relname as parent
            from pg_constraint k
            join pg_class child on child.oid = k.conrelid
            join pg_class parent on parent.oid = k.confrelid
            join pg_namespace n on n.oid = child.relnamespace
            where k.contype = 'f' and k.conrelid <> k.confrelid and n.nspname = ?""";

    private static final String SEQUENCES = """
            select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = ? and c.relkind = 'S' order by c.relname""";

    private final String schema;
    private final Connection from;
    private final Connection to;

    /**
     * @param from in no transaction, nor anybody else writing there
     * @param to the same
     */
    SchemaCopy(String schema, Connection from, Connection to) {
        this.schema = schema;
        this.from = from;
        this.to = to;
    }

    /**
     * What was copied, and found to be the same on both sides.
     *
     * @param tables how many
     * @param rows in all of them
     */
    record Copied(int tables, long rows) {}

    Copied run() throws SQLException {
        from.setAutoCommit(false);
        from.setReadOnly(true);
        from.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        to.setAutoCommit(false);
        Map<String, List<String>> tables = columns(from);
        requireAlike(tables, columns(to));
        // What the scripts themselves put there is in the copy too.
        execute(to, "truncate " + tables.keySet().stream().map(this::qualified).collect(Collectors.joining(", ")));
        long rows = 0;
        for (String table : TableOrder.of(tables.keySet(), references())) {
            rows += copy(table, tables.getOrDefault(table, List.of()));
        }
        for (String sequence : list(from, row -> row.getString(1), SEQUENCES, schema)) {
            copySequence(sequence);
        }
        for (Map.Entry<String, List<String>> table : tables.entrySet()) {
            verify(table.getKey(), table.getValue());
        }
        EventNumbering.carryOver(from, to);
        to.commit();
        from.rollback();
        return new Copied(tables.size(), rows);
    }

    private void requireAlike(Map<String, List<String>> here, Map<String, List<String>> there) {
        if (!here.equals(there)) {
            throw new Failure.Internal("schema " + schema + " is made of " + here + " here and of " + there
                    + " there, though by the same scripts: somebody else changed one of them");
        }
    }

    private Map<String, List<String>> columns(Connection connection) throws SQLException {
        record Column(String table, String name) {}
        return list(
                        connection,
                        row -> new Column(row.getString("table_name"), row.getString("column_name")),
                        COLUMNS,
                        schema)
                .stream()
                .collect(Collectors.groupingBy(
                        Column::table, TreeMap::new, Collectors.mapping(Column::name, Collectors.toList())));
    }

    private Map<String, Set<String>> references() throws SQLException {
        Map<String, Set<String>> references = new HashMap<>();
        list(from, row -> Map.entry(row.getString("child"), row.getString("parent")), REFERENCES, schema)
                .forEach(pair -> references
                        .computeIfAbsent(pair.getKey(), _ -> new HashSet<>())
                        .add(pair.getValue()));
        return references;
    }

    /** How many rows. */
    private long copy(String table, List<String> columns) throws SQLException {
        String place = qualified(table) + " (" + names(columns) + ")";
        CopyOut out =
                from.unwrap(PGConnection.class).getCopyAPI().copyOut("copy " + place + " to stdout (format binary)");
        CopyIn in = to.unwrap(PGConnection.class).getCopyAPI().copyIn("copy " + place + " from stdin (format binary)");
        for (byte[] row = out.readFromCopy(); row != null; row = out.readFromCopy()) {
            in.writeToCopy(row, 0, row.length);
        }
        return in.endCopy();
    }

    private void copySequence(String sequence) throws SQLException {
        record Place(long last, boolean called) {}
        Place place = one(
                from,
                row -> new Place(row.getLong(1), row.getBoolean(2)),
                "select last_value, is_called from " + qualified(sequence));
        one(
                to,
                row -> row.getLong(1),
                "select setval(cast(? as regclass), ?, ?)",
                qualified(sequence),
                place.last(),
                place.called());
    }

    /**
     * By the number of rows and two sums over hashes of their contents: no order of the rows is in it, and nothing is sorted or gathered
     * for it.
     */
    private void verify(String table, List<String> columns) throws SQLException {
        String sums = "select concat_ws(' ', count(*), sum(('x' || left(hash, 16))::bit(64)::bigint),"
                + " sum(('x' || right(hash, 16))::bit(64)::bigint))"
                + " from (select encode(sha256(convert_to(row(" + names(columns) + ")::text, 'UTF8')), 'hex') as hash"
                + " from " + qualified(table) + ") as hashed";
        String here = one(from, row -> row.getString(1), sums);
        String there = one(to, row -> row.getString(1), sums);
        if (!here.equals(there)) {
            throw new Failure.Internal(
                    "table " + schema + "." + table + " is not the same after it was copied: rows and" + " sums are "
                            + here + " here and " + there + " there");
        }
    }

    private String qualified(String relation) {
        return name(schema) + "." + name(relation);
    }

    private static String names(List<String> columns) {
        return columns.stream().map(Sql::name).collect(Collectors.joining(", "));
    }
}
