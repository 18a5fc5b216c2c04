package io.longshore.standalone.migrate;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Statements on a connection, in one line each. */
final class Sql {
    private Sql() {}

    /** What becomes of a row. */
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static <T> List<T> list(Connection connection, Row<T> row, String sql, Object... parameters) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                query.setObject(i + 1, parameters[i]);
            }
            List<T> all = new ArrayList<>();
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    all.add(row.read(rows));
                }
            }
            return all;
        }
    }

    /** Of a query that gives one row. */
    static <T> T one(Connection connection, Row<T> row, String sql, Object... parameters) throws SQLException {
        return list(connection, row, sql, parameters).getFirst();
    }

    /** A name from the server's catalogue, as it stands in a statement. */
    static String name(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
