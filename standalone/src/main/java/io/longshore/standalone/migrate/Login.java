package io.longshore.standalone.migrate;

import io.longshore.postgres.Provisioning.Role;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * How a session of the migration begins. Both ends write values the same way, so that their sums can be compared, and a commit is on
 * disk when it is answered.
 *
 * @param url for JDBC
 * @param user logs in
 * @param password of the user
 * @param schema the current one; empty for none of ours
 */
record Login(String url, String user, String password, String schema) {
    /** To be reached, and to let in. */
    private static final String CONNECT_SECONDS = "10";
    /** Without a byte from the server; a sum over a table is one silence. */
    private static final String SILENCE_SECONDS = "300";

    private static final String SESSION = "-c synchronous_commit=on -c timezone=UTC -c datestyle=ISO"
            + " -c intervalstyle=postgres -c bytea_output=hex -c extra_float_digits=1"
            + " -c lock_timeout=30s -c statement_timeout=3600s -c idle_in_transaction_session_timeout=0";

    static Login of(String url, Role role) {
        return new Login(url, role.name(), role.password(), role.schema());
    }

    Connection connect() throws SQLException {
        Properties all = properties();
        all.setProperty("user", user);
        all.setProperty("password", password);
        return DriverManager.getConnection(url, all);
    }

    /** The same for who makes connections itself. */
    DataSource source() {
        DriverManagerDataSource source = new DriverManagerDataSource(url, user, password);
        source.setConnectionProperties(properties());
        return source;
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("ApplicationName", "longshore-migrate-db");
        if (!schema.isEmpty()) {
            properties.setProperty("currentSchema", schema);
        }
        properties.setProperty("connectTimeout", CONNECT_SECONDS);
        properties.setProperty("loginTimeout", CONNECT_SECONDS);
        properties.setProperty("socketTimeout", SILENCE_SECONDS);
        properties.setProperty("options", SESSION);
        return properties;
    }

    @Override
    public String toString() {
        return "Login[" + user + "]";
    }
}
