package io.longshore.agent.session;

import io.longshore.contracts.agent.SessionSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ExecId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the disk remembers of sessions, a file each: by it a new life of the agent finds those that run. Nothing is synced, since no session
 * outlives a power cut. Thread-safe.
 */
public final class SessionStore {
    private static final Logger LOG = LoggerFactory.getLogger(SessionStore.class);
    private static final String ENDING = ".json";

    private final Path directory;
    private final JsonMapper json;

    /** @param directory of all sessions; made with mode 0700 if it is missing */
    public SessionStore(Path directory, JsonMapper json) {
        this.directory = directory;
        this.json = json;
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw failed("prepare the directory of sessions", directory, e);
        }
    }

    /** Remembers a session, before anything of it is made. */
    void put(SessionSpec spec) {
        try {
            Files.write(file(spec.id()), json.writeValueAsBytes(spec));
        } catch (IOException e) {
            throw failed("write", file(spec.id()), e);
        }
    }

    void remove(ExecId id) {
        try {
            Files.deleteIfExists(file(id));
        } catch (IOException e) {
            throw failed("remove", file(id), e);
        }
    }

    /** All that are remembered. A file that was cut off is of a session of which nothing was made, and goes. */
    List<SessionSpec> load() {
        List<SessionSpec> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                try {
                    found.add(json.readValue(Files.readAllBytes(file), SessionSpec.class));
                } catch (JacksonException | Failure e) {
                    LOG.warn("{} is not whole and is removed", file, e);
                    Files.deleteIfExists(file);
                }
            }
            return found;
        } catch (IOException e) {
            throw failed("read", directory, e);
        }
    }

    private Path file(ExecId id) {
        return directory.resolve(id + ENDING);
    }

    private static Failure failed(String verb, Path path, IOException cause) {
        return new Failure.Internal(
                "cannot " + verb + " " + path + ": " + cause.getClass().getSimpleName() + ": " + cause.getMessage(),
                cause);
    }
}
