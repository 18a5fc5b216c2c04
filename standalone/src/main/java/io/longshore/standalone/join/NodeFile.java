package io.longshore.standalone.join;

import io.longshore.platform.file.DurableFile;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/**
 * {@code node.properties} in the work directory of a machine that has joined a fleet: how its agent runs, in the keys of the configuration. What the
 * configuration file says goes before it. Where it is missing, the machine has joined none.
 */
public final class NodeFile {
    private final Path file;

    /** @param work the work directory */
    public NodeFile(Path work) {
        this.file = work.resolve("node.properties");
    }

    /** Whether the machine has joined a fleet. */
    public boolean exists() {
        return Files.exists(file);
    }

    /** These settings, and below them what the file says. */
    public Settings below(Settings settings) {
        Properties found = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            found.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new StartFailure("cannot read " + file + ": " + e + "; \"longshore join\" makes another", e);
        }
        Map<String, String> missing = new LinkedHashMap<>();
        for (String key : found.stringPropertyNames()) {
            if (settings.value(key).isEmpty()) {
                missing.put(key, found.getProperty(key));
            }
        }
        return settings.with(missing);
    }

    void write(Map<String, String> values) throws IOException {
        StringBuilder text = new StringBuilder(
                "# Of a node that has joined a fleet. /etc/longshore/longshore.yaml goes before it.\n");
        values.forEach(
                (key, value) -> text.append(key).append('=').append(value).append('\n'));
        DurableFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
