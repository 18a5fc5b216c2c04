package io.longshore.standalone.migrate;

import io.longshore.platform.file.DurableFile;
import io.longshore.platform.file.PrivateFile;
import io.longshore.platform.run.StartFailure;
import io.longshore.postgres.Provisioning.Role;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * A PostgreSQL that somebody else looks after, as {@code database.properties} in the work directory names it. While the file is
 * missing, the embedded one is the truth.
 *
 * @param url for JDBC
 * @param roles of the services by their schemas
 */
public record ExternalDatabase(String url, Map<String, Role> roles) {
    private static final String FILE = "database.properties";
    private static final String URL = "database.url";

    /** Whether this work directory's database is an external one. */
    public static boolean chosen(Path work) {
        return Files.exists(file(work));
    }

    /** Where it is named. */
    public static Path file(Path work) {
        return work.resolve(FILE);
    }

    /** Reads the file, which has to have a role for each of these schemas; a {@link StartFailure} names what is missing. */
    public static ExternalDatabase read(Path work, List<String> schemas) {
        Properties found = new Properties();
        try (var reader = Files.newBufferedReader(file(work))) {
            if (PrivateFile.isOpen(file(work))) {
                throw new StartFailure(file(work) + " holds passwords and is open to others: chmod 600 it");
            }
            found.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new StartFailure("cannot read " + file(work) + ": " + e, e);
        }
        Map<String, Role> roles = new LinkedHashMap<>();
        for (String schema : schemas) {
            roles.put(
                    schema,
                    new Role(value(work, found, schema + ".user"), value(work, found, schema + ".password"), schema));
        }
        return new ExternalDatabase(value(work, found, URL), roles);
    }

    private static String value(Path work, Properties found, String key) {
        String value = found.getProperty(key, "");
        if (value.isBlank()) {
            throw new StartFailure(file(work) + " has no " + key + ": it is needed to log in to the external database");
        }
        return value;
    }

    /** Makes the file, for root alone, whole or not at all: from then on this database is the truth. */
    void write(Path work) throws IOException {
        Properties values = new Properties();
        values.setProperty(URL, url);
        roles.forEach((schema, role) -> {
            values.setProperty(schema + ".user", role.name());
            values.setProperty(schema + ".password", role.password());
        });
        StringWriter text = new StringWriter();
        values.store(text, "Where the database is, instead of the embedded one. Written by ./longshore migrate-db.");
        DurableFile.write(file(work), text.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "ExternalDatabase[" + roles.keySet() + "]";
    }
}
