package io.longshore.standalone.migrate;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;

/**
 * Where a database is, without who logs in.
 *
 * @param jdbc the driver's form
 */
record ServerUrl(String jdbc) {
    private static final String JDBC = "jdbc:";
    private static final String SCHEME = "postgresql://";
    /** What Longshore says itself at each login. */
    private static final List<String> NOT_HERE = List.of("user", "password", "currentSchema", "options");

    /** {@code postgresql://HOST:PORT/DATABASE?PARAMETERS}, the parameters being the JDBC driver's. */
    static ServerUrl parse(String text) {
        String url = text.startsWith(JDBC) ? text : JDBC + text;
        String form = SCHEME + "HOST:PORT/DATABASE?PARAMETERS";
        // Who writes user:password@ is not shown the password again.
        String place = url.replaceFirst("[?].*", "");
        if (place.contains("@")) {
            throw new IllegalArgumentException("migrate-db: --to: user and password are no part of " + form
                    + ": give them with --user and --password-file");
        }
        if (!place.matches(JDBC + SCHEME + "[^/]+/[^/]+") || !understood(url)) {
            throw new IllegalArgumentException("migrate-db: --to: \"" + place + "\" is not of the form " + form);
        }
        for (String key : NOT_HERE) {
            if (url.contains("?" + key + "=") || url.contains("&" + key + "=")) {
                throw new IllegalArgumentException("migrate-db: --to: the parameter " + key + " is Longshore's to set"
                        + (key.equals("password") ? ": give it with --password-file" : ""));
            }
        }
        return new ServerUrl(url);
    }

    private static boolean understood(String url) {
        try {
            return DriverManager.getDriver(url).acceptsURL(url);
        } catch (SQLException e) {
            return false;
        }
    }

    /** Without the parameters, which may name files and secrets. */
    @Override
    public String toString() {
        return jdbc.substring(JDBC.length()).replaceFirst("[?].*", "");
    }
}
