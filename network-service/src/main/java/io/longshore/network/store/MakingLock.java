package io.longshore.network.store;

import io.longshore.contracts.error.Failure;
import io.longshore.network.definition.Network;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Of the replicas of this service one at a time makes a network that each may make: what one has on the nodes another would take back. Thread-safe.
 */
@Component
public class MakingLock {
    /** SQLSTATE at the end of a {@code lock_timeout}, which all connections have. */
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private static final String KEY = "(hashtext('network in the making'), hashtext(?))";

    private final JdbcTemplate jdbc;

    MakingLock(DataSource pool) {
        this.jdbc = new JdbcTemplate(pool);
    }

    /**
     * Runs it when nobody else is at this network. It takes a connection of the pool for as long: at most one at a time in a process. It is the
     * session's lock and no transaction's, as nodes are called meanwhile; that of a process that died is free.
     *
     * @throws Failure.Unavailable when somebody else is at it for too long
     */
    public Network alone(Network network, Supplier<Network> making) {
        ConnectionCallback<Network> held = connection -> {
            lock(connection, network);
            try {
                return making.get();
            } finally {
                run(connection, "select pg_advisory_unlock" + KEY, network);
            }
        };
        Network made = jdbc.execute(held);
        if (made == null) {
            throw new IllegalStateException("network " + network.id() + " was not made");
        }
        return made;
    }

    private static void lock(Connection connection, Network network) throws SQLException {
        try {
            run(connection, "select pg_advisory_lock" + KEY, network);
        } catch (SQLException e) {
            if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw e;
            }
            throw new Failure.Unavailable(
                    "network " + network.name() + " of project " + network.project()
                            + " is being made by another network-service: try again in a moment",
                    e);
        }
    }

    private static void run(Connection connection, String sql, Network network) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, network.id());
            statement.execute();
        }
    }
}
