package io.longshore.postgres;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.postgresql.util.PasswordUtil;

/**
 * Databases, and a role with a schema of its own for each service. Everything may be repeated. A role owns its schema and
 * nothing else: it is no superuser, creates neither roles nor databases, and does not see another's schema.
 */
public final class Provisioning {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");
    private static final Pattern PASSWORD = Pattern.compile("[A-Za-z0-9_-]{20,200}");

    /**
     * Repetition slows down whoever guesses a password that people think of. Ours are random, longer than anybody can guess, and every
     * login would pay for it.
     */
    private static final int ITERATIONS = 1;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final UnaryOperator<String> url;
    private final String user;
    private final String password;

    public Provisioning(EmbeddedPostgres server) {
        this(server::url, "postgres", server.superuserPassword());
    }

    /**
     * On a server that somebody else keeps running.
     *
     * @param url for JDBC, of a database by its name
     * @param user a superuser
     */
    public Provisioning(UnaryOperator<String> url, String user, String password) {
        this.url = url;
        this.user = user;
        this.password = password;
    }

    /** The URL of a database, for JDBC. */
    public String url(String database) {
        return url.apply(database);
    }

    /** A new password for a role: 192 random bits. */
    public static String randomPassword() {
        return DataDirectory.randomPassword();
    }

    /** Makes the database unless there is one, closed to all roles that are not let in by {@link #service}. */
    public void database(String database) {
        try (Connection connection = connect("postgres")) {
            if (!exists(connection, "select 1 from pg_database where datname = ?", database)) {
                execute(connection, "create database " + checked(database));
            }
            for (String closed : List.of(database, "postgres", "template1")) {
                execute(connection, "revoke all on database " + checked(closed) + " from public");
            }
        } catch (SQLException e) {
            throw new PostgresFailure("cannot make the database " + database + ": " + e.getMessage(), e);
        }
    }

    /**
     * A service's login.
     *
     * @param name of the role
     * @param password in clear; the server is sent and keeps its scram-sha-256 form only
     * @param schema which the role owns
     */
    public record Role(String name, String password, String schema) {
        @Override
        public String toString() {
            return "Role[" + name + ", " + schema + "]";
        }
    }

    /** Makes the roles and their schemas unless they are there, and sets the passwords, all or nothing. */
    public void services(String database, List<Role> roles) {
        try (Connection connection = connect(database)) {
            connection.setAutoCommit(false);
            execute(connection, "revoke all on schema public from public");
            for (Role role : roles) {
                service(connection, database, role);
            }
            connection.commit();
        } catch (SQLException e) {
            throw new PostgresFailure("cannot make " + roles + ": " + e.getMessage(), e);
        }
    }

    private static void service(Connection connection, String database, Role role) throws SQLException {
        String name = checked(role.name());
        if (!exists(connection, "select 1 from pg_roles where rolname = ?", role.name())) {
            execute(connection, "create role " + name);
        }
        execute(
                connection,
                "alter role " + name + " with login nosuperuser nocreatedb nocreaterole noreplication"
                        + " nobypassrls connection limit 20 password '" + verifier(role.password()) + "'");
        execute(connection, "grant connect on database " + checked(database) + " to " + name);
        execute(connection, "create schema if not exists " + checked(role.schema()) + " authorization " + name);
    }

    private Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "60");
        properties.setProperty("ApplicationName", "longshore");
        return DriverManager.getConnection(url(database), properties);
    }

    private static boolean exists(Connection connection, String sql, String name) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, name);
            try (ResultSet rows = query.executeQuery()) {
                return rows.next();
            }
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Names cannot be parameters of a statement, so they are checked. */
    private static String checked(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a plain name for a database, role or schema: " + name);
        }
        return '"' + name + '"';
    }

    /** What a server keeps of a {@link #randomPassword} (RFC 5803), of characters that need no quoting: the password itself is not sent. */
    public static String verifier(String password) {
        if (!PASSWORD.matcher(password).matches()) {
            throw new IllegalArgumentException("a role's password has at least 20 of the characters A-Z a-z 0-9 _ -");
        }
        byte[] salt = new byte[16];
        RANDOM.nextBytes(salt);
        return PasswordUtil.encodeScramSha256(password.toCharArray(), ITERATIONS, salt);
    }
}
