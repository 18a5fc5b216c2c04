package io.longshore.platform.data;

import io.longshore.platform.run.StartFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A service may start before its database: waits for that, and for nothing else. */
final class FirstConnection {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** SQLSTATE class of a connection that cannot be made, and the state of a server that is starting up. */
    private static final String CONNECTION = "08";

    private static final String STARTING = "57P03";

    private FirstConnection() {}

    /** Returns when the database lets the service in; a {@link StartFailure} when it refuses or does not come. */
    static void await(DatabaseProperties database) {
        DriverManagerDataSource direct = new DriverManagerDataSource(
                database.requiredUrl(), database.requiredUser(), database.requiredPassword());
        Properties limits = new Properties();
        limits.setProperty("connectTimeout", "5");
        limits.setProperty("socketTimeout", "10");
        direct.setConnectionProperties(limits);
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            try (Connection _ = direct.getConnection()) {
                return;
            } catch (SQLException e) {
                String state = e.getSQLState() == null ? "" : e.getSQLState();
                boolean passing = state.startsWith(CONNECTION) || state.equals(STARTING);
                if (!passing || Instant.now().isAfter(end)) {
                    throw new StartFailure(
                            "database " + place(database.requiredUrl()) + " as " + database.requiredUser() + ": "
                                    + e.getMessage()
                                    + (e.getCause() == null
                                            ? ""
                                            : " " + e.getCause().getMessage()),
                            e);
                }
            }
            pause();
        }
    }

    /** Parameters may name secrets. */
    private static String place(String url) {
        int parameters = url.indexOf('?');
        return parameters < 0 ? url : url.substring(0, parameters);
    }

    private static void pause() {
        try {
            Thread.sleep(Duration.ofMillis(200));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartFailure("interrupted while waiting for the database", e);
        }
    }
}
