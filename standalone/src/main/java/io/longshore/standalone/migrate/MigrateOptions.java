package io.longshore.standalone.migrate;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The arguments of {@code ./longshore migrate-db}.
 *
 * @param to where the database goes
 * @param user who may make roles and schemas there
 * @param password of the user
 */
public record MigrateOptions(ServerUrl to, String user, String password) {
    private static final List<String> KNOWN = List.of("--to", "--user", "--password-file", "--config");
    private static final int LONGEST_PASSWORD = 4_096;

    /** Reads them; {@link IllegalArgumentException} says what is wrong. */
    public static MigrateOptions parse(List<String> arguments) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String[] option = arguments.get(i).split("=", 2);
            if (!KNOWN.contains(option[0])) {
                throw new IllegalArgumentException(
                        "migrate-db: unknown argument " + option[0] + "; there are " + KNOWN);
            }
            if (option.length == 1 && i + 1 == arguments.size()) {
                throw new IllegalArgumentException("migrate-db: " + option[0] + " needs a value");
            }
            given.put(option[0], option.length == 2 ? option[1] : arguments.get(++i));
        }
        return new MigrateOptions(
                ServerUrl.parse(required(given, "--to", "postgresql://HOST:PORT/DATABASE")),
                required(given, "--user", "who may make roles and schemas there"),
                password(required(given, "--password-file", "the file with the user's password, or - to type it")));
    }

    /** The database that is named, for people. */
    public String where() {
        return to.toString();
    }

    /** Of a file, since every user of the machine could read an argument; {@code -} is what is typed or piped in. */
    private static String password(String file) {
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
            String first = new String(in.readNBytes(LONGEST_PASSWORD), StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("");
            if (first.isEmpty()) {
                throw new IllegalArgumentException("migrate-db: --password-file: the first line of " + file
                        + " is empty; the password is to be there");
            }
            return first;
        } catch (IOException e) {
            throw new IllegalArgumentException("migrate-db: --password-file: cannot read " + file + ": " + e, e);
        }
    }

    private static String required(Map<String, String> given, String option, String what) {
        String value = given.get(option);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("migrate-db: " + option + " is missing: " + what);
        }
        return value;
    }

    @Override
    public String toString() {
        return "MigrateOptions[" + to + ", " + user + "]";
    }
}
