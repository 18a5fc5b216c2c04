package io.longshore.agent.sandbox;

import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A file for each sandbox. They lie where nothing outlives the machine, as sandboxes do not either; so nothing is flushed, and a crash of the
 * agent alone loses nothing. Thread-safe; one operation at a time per container.
 */
final class SandboxFiles {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxFiles.class);
    private static final String ENDING = ".json";
    private static final String HALF = ".tmp";

    private final Path directory;
    private final JsonMapper json;

    SandboxFiles(Path directory, JsonMapper json) throws IOException {
        this.directory = directory;
        this.json = json;
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** Each sandbox's; one that cannot be read is as one with nothing in it. What was being written goes. */
    Map<ContainerId, SandboxRecord> load() throws IOException {
        Map<ContainerId, SandboxRecord> found = new HashMap<>();
        for (Path half : list(HALF)) {
            Files.delete(half);
        }
        for (Path file : list(ENDING)) {
            ContainerId id = id(file);
            try {
                found.put(id, json.readValue(Files.readAllBytes(file), SandboxRecord.class));
            } catch (JacksonException e) {
                LOG.warn("{} cannot be read; the sandbox is taken for an empty one", file, e);
                found.put(id, new SandboxRecord(id, List.of(), List.of(), false));
            }
        }
        return found;
    }

    private Set<Path> list(String ending) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(ending)).collect(Collectors.toSet());
        }
    }

    private static ContainerId id(Path file) {
        String name = String.valueOf(file.getFileName());
        return ContainerId.parse(name.substring(0, name.length() - ENDING.length()));
    }

    void write(SandboxRecord record) throws IOException {
        Path file = file(record.container());
        Path temporary = file.resolveSibling(record.container().value() + HALF);
        Files.write(temporary, json.writeValueAsBytes(record));
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }

    void delete(ContainerId container) throws IOException {
        try {
            Files.delete(file(container));
        } catch (NoSuchFileException e) {
            // It had none.
        }
    }

    private Path file(ContainerId container) {
        return directory.resolve(container.value() + ENDING);
    }
}
