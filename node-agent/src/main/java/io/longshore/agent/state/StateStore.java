package io.longshore.agent.state;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The directories {@code containers/<id>/}. Each operation is written here before the kernel is touched, so that after kill -9 at any
 * moment the next life of the agent can finish or undo it.
 *
 * <p>What is written how, and why (a flush costs 0.15 to 0.3 ms, the whole cycle of a container has 20 ms):
 *
 * <ul>
 *   <li>{@code spec.json}, durably, at create: the database takes a container that a complete list lacks for gone, so one whose create
 *       was answered must be there after a power cut.
 *   <li>{@code starts.json}, durably, before each start: else a power cut would make a container run a second time that was to run once.
 *   <li>{@code outcome.json}, not synced: the exec driver keeps the same record, and after a power cut a container without one has
 *       ended anyhow. It is a file of its own so that a torn one harms nothing else.
 *   <li>{@code removing}, an empty file, not synced: file systems with a journal commit metadata in order, so no deletion that follows
 *       it can outlast it.
 * </ul>
 *
 * <p>Thread-safe for different containers; one operation at a time per container is the caller's job.
 */
public final class StateStore {
    private static final String SPEC = "spec.json";
    private static final String STARTS = "starts.json";
    private static final String OUTCOME = "outcome.json";
    private static final String REMOVING = "removing";
    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path directory;
    private final JsonMapper json;

    /** @param directory of all containers; made if it is missing */
    public StateStore(Path directory, JsonMapper json) {
        this.directory = directory.toAbsolutePath();
        this.json = json;
        try {
            Files.createDirectories(this.directory, PRIVATE);
        } catch (IOException e) {
            throw failed("prepare the directory of containers", this.directory, e);
        }
    }

    /** The container's directory, absolute. */
    public Path directory(ContainerId id) {
        return directory.resolve(id.value());
    }

    /** Remembers what a container should be; durable when this returns. */
    public void create(ContainerSpec spec) {
        Path home = directory(spec.id());
        try {
            Files.createDirectory(home, PRIVATE);
        } catch (FileAlreadyExistsException e) {
            // A new generation of a container that is here, or the remains of a create that failed.
        } catch (IOException e) {
            throw failed("make the directory of container " + spec.id().shortForm(), home, e);
        }
        writeDurably(home.resolve(SPEC), spec);
        try {
            AtomicFile.sync(directory);
        } catch (IOException e) {
            throw failed("sync", directory, e);
        }
    }

    /** Remembers that a start is about to be made, or that it was undone; durable when this returns. */
    public void starts(ContainerId id, Starts starts) {
        writeDurably(directory(id).resolve(STARTS), starts);
    }

    /** Remembers how a start ended. */
    public void outcome(ContainerId id, Outcome outcome) {
        Path file = directory(id).resolve(OUTCOME);
        try {
            AtomicFile.write(file, json.writeValueAsBytes(outcome));
        } catch (IOException e) {
            throw failed("write", file, e);
        }
    }

    /** Remembers that a container is about to be removed: from here on there is only forward. */
    public void removing(ContainerId id) {
        Path file = directory(id).resolve(REMOVING);
        try {
            Files.createFile(file);
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            // Begun before, or never made.
        } catch (IOException e) {
            throw failed("write", file, e);
        }
    }

    /** Forgets a container with all its files, its log included. The mark of {@link #removing} goes last. */
    public void forget(ContainerId id) {
        Path home = directory(id);
        try (Stream<Path> files = Files.list(home)) {
            for (Path file : files.toList()) {
                if (!file.endsWith(REMOVING)) {
                    Files.deleteIfExists(file);
                }
            }
            Files.deleteIfExists(home.resolve(REMOVING));
            Files.deleteIfExists(home);
        } catch (NoSuchFileException e) {
            // Forgotten before.
        } catch (IOException e) {
            throw failed("remove", home, e);
        }
    }

    /** What the disk remembers. */
    public Inventory load() {
        List<StoredContainer> whole = new ArrayList<>();
        List<ContainerId> halfMade = new ArrayList<>();
        Map<ContainerId, String> damaged = new HashMap<>();
        for (ContainerId id : ids()) {
            try {
                load(id).ifPresentOrElse(whole::add, () -> halfMade.add(id));
            } catch (Failure e) {
                damaged.put(id, e.text());
            }
        }
        return new Inventory(whole, halfMade, damaged);
    }

    private Optional<StoredContainer> load(ContainerId id) {
        Path home = directory(id);
        if (Files.exists(home.resolve(REMOVING))) {
            return Optional.empty();
        }
        ContainerSpec spec = read(home.resolve(SPEC), ContainerSpec.class);
        if (spec == null) {
            return Optional.empty();
        }
        Starts starts = read(home.resolve(STARTS), Starts.class);
        Outcome outcome = readIfWhole(home.resolve(OUTCOME));
        return Optional.of(new StoredContainer(spec, starts == null ? Starts.NONE : starts, outcome));
    }

    private List<ContainerId> ids() {
        try (Stream<Path> homes = Files.list(directory)) {
            return homes.filter(home -> Files.isDirectory(home, LinkOption.NOFOLLOW_LINKS))
                    .map(home -> String.valueOf(home.getFileName()))
                    .filter(name -> name.matches("[0-9a-f]{64}"))
                    .map(ContainerId::parse)
                    .toList();
        } catch (IOException e) {
            throw failed("list", directory, e);
        }
    }

    private void writeDurably(Path file, Object value) {
        try {
            AtomicFile.writeDurably(file, json.writeValueAsBytes(value));
        } catch (IOException e) {
            throw failed("write", file, e);
        }
    }

    private <T> @Nullable T read(Path file, Class<T> type) {
        try {
            return json.readValue(Files.readAllBytes(file), type);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw failed("read", file, e);
        } catch (JacksonException e) {
            // It was synced before it got its name: this is damage, and removing the container on that account would
            // lose its data.
            throw new Failure.Internal(
                    file + " cannot be read: " + e.getOriginalMessage() + "; restore it, or remove the directory "
                            + file.getParent() + " to give the container up",
                    e);
        }
    }

    private @Nullable Outcome readIfWhole(Path file) {
        try {
            return json.readValue(Files.readAllBytes(file), Outcome.class);
        } catch (NoSuchFileException | JacksonException e) {
            return null;
        } catch (IOException e) {
            throw failed("read", file, e);
        }
    }

    private static Failure failed(String verb, Path path, IOException cause) {
        return new Failure.Internal(
                "cannot " + verb + " " + path + ": " + cause.getClass().getSimpleName() + ": " + cause.getMessage(),
                cause);
    }
}
