package io.longshore.agent.forward;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.file.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** A file for each container of another node of which ports are held. One thread at a time. */
final class ForwardFiles {
    private static final Logger LOG = LoggerFactory.getLogger(ForwardFiles.class);

    private final Path directory;
    private final JsonMapper json;

    ForwardFiles(Path directory, JsonMapper json) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.json = json;
    }

    /** All that can be read; the others are told again. What else lies there, such as what was not written to its end, is deleted. */
    List<Held> load() throws IOException {
        List<Held> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (!isOfContainer(file)) {
                    LOG.info("{} is of no container, and is deleted", file);
                    Files.deleteIfExists(file);
                    continue;
                }
                try {
                    all.add(json.readValue(Files.readAllBytes(file), Held.class));
                } catch (IOException | JacksonException | NullPointerException e) {
                    LOG.warn("{} cannot be read; the ports in it are told again", file, e);
                    Files.deleteIfExists(file);
                }
            }
        }
        return all;
    }

    private static boolean isOfContainer(Path file) {
        try {
            ContainerId.parse(file.getFileName().toString());
            return true;
        } catch (Failure.Invalid e) {
            return false;
        }
    }

    void write(Held held) throws IOException {
        DurableFile.write(file(held.forward().container()), json.writeValueAsBytes(held));
    }

    void delete(ContainerId container) throws IOException {
        Files.deleteIfExists(file(container));
    }

    private Path file(ContainerId container) {
        return directory.resolve(container.value());
    }
}
