package io.longshore.agent.state;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.Health;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.file.DurableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The directories {@code containers/<id>/}. Each operation is written here before it shows: a create before it is answered, a start before
 * its process is let go at the gate. So after kill -9 at any moment the next life of the agent can finish or undo it.
 *
 * <p>What is known of a container is appended to one file, {@code state}, a line of JSON at a time; of each kind the last line counts. What
 * is flushed when, and why, is in {@code docs/decisions/0007-what-the-agent-syncs.md}:
 *
 * <ul>
 *   <li>{@code {"spec":...,"made":false}}, flushed, at create: the database takes a container that a complete list lacks for gone, so one
 *       whose create was answered must be there after a power cut. A newer specification comes without {@code made}.
 *   <li>{@code {"made":true}}, not flushed, when all that a container has before its first start is there: without it the next life of the
 *       agent does that work again, which does no harm where it was done. Files that say nothing of it are whole.
 *   <li>{@code {"starts":...}}, flushed, before a process is let go: else a power cut would make a container run a second time that was to run once.
 *   <li>{@code {"outcome":...}}, not flushed: the exec driver keeps the same record, and after a power cut a container without one has
 *       ended anyhow.
 *   <li>{@code {"stopped":...}}, flushed when a command stops a container that has a restart policy: after a power cut it is to stay
 *       so. {@code {"health":...}}, not flushed: the next check finds it out again.
 *   <li>A file {@code brief-pause} is there while it is frozen for the time of a commit: the next life of the agent lets it go on.
 *   <li>A removal that has begun shows in the directory's name, {@code <id>.removing}, not flushed: file systems with a journal commit
 *       metadata in order, so no deletion that follows it can outlast it.
 * </ul>
 *
 * <p>Thread-safe for different containers; one operation at a time per container is the caller's job.
 */
public final class StateStore {
    private static final String STATE = "state";
    private static final String REMOVING = ".removing";
    private static final String BRIEF_PAUSE = "brief-pause";
    /** A container that was started some thousand times has its file written anew, with the last line of each kind. */
    private static final long LARGEST = 1 << 20;

    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<?> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path directory;
    private final JsonMapper json;

    /** One line of the file: one of these. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Line(
            @Nullable ContainerSpec spec,
            @Nullable Boolean made,
            @Nullable Starts starts,
            @Nullable Outcome outcome,
            @Nullable Long stopped,
            Health.@Nullable Status health) {
        static Line of(@Nullable ContainerSpec spec, @Nullable Boolean made) {
            return new Line(spec, made, null, null, null, null);
        }
    }

    /** What a file says: the last of each kind, and how many of its bytes are whole lines. */
    private record Content(
            @Nullable ContainerSpec spec,
            boolean made,
            Starts starts,
            @Nullable Outcome outcome,
            long stopped,
            Health.@Nullable Status health,
            long whole) {
        Content and(Line line, long end) {
            return new Content(
                    line.spec == null ? spec : line.spec,
                    line.made == null ? made : line.made,
                    line.starts == null ? starts : line.starts,
                    line.outcome == null ? outcome : line.outcome,
                    line.stopped == null ? stopped : line.stopped,
                    line.health == null ? health : line.health,
                    end);
        }
    }

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

    private Path file(ContainerId id) {
        return directory(id).resolve(STATE);
    }

    /** Remembers what a container that is about to be made should be; durable after {@link #flush}. */
    public void create(ContainerSpec spec) {
        Path home = directory(spec.id());
        try {
            Files.createDirectory(home, PRIVATE);
        } catch (FileAlreadyExistsException e) {
            // The remains of a create that failed.
        } catch (IOException e) {
            throw failed("make the directory of container " + spec.id().shortForm(), home, e);
        }
        append(spec.id(), Line.of(spec, false), false);
    }

    /** Remembers that a container has all that it has before its first start. */
    public void made(ContainerId id) {
        append(id, Line.of(null, true), false);
    }

    /** Remembers what a container that is there should be from now on; durable after {@link #flush}. */
    public void renew(ContainerSpec spec) {
        append(spec.id(), Line.of(spec, null), false);
    }

    /** Makes what was written about a container last: its file, and that it is there (fsync(2)). */
    public void flush(ContainerId id) {
        Path home = directory(id);
        try (FileChannel channel = FileChannel.open(file(id), StandardOpenOption.WRITE)) {
            channel.force(true);
            DurableFile.syncDirectory(home);
            DurableFile.syncDirectory(directory);
        } catch (IOException e) {
            throw failed("sync", home, e);
        }
    }

    /** Remembers that a start is about to be made, or that it was undone; durable when this returns. */
    public void starts(ContainerId id, Starts starts) {
        append(id, new Line(null, null, starts, null, null, null), true);
    }

    /** Remembers how a start ended. */
    public void outcome(ContainerId id, Outcome outcome) {
        append(id, new Line(null, null, null, outcome, null, null), false);
    }

    /** Remembers that a command has stopped this start, or is about to; durable when this returns, if it must be. */
    public void stopped(ContainerId id, long start, boolean durably) {
        append(id, new Line(null, null, null, null, start, null), durably);
    }

    /** Remembers where its health check left a container. */
    public void health(ContainerId id, Health.Status status) {
        append(id, new Line(null, null, null, null, null, status), false);
    }

    /** Remembers that a container is about to be frozen for a while only. What is frozen does not outlive the machine, so nothing is flushed. */
    public void pausesBriefly(ContainerId id) {
        Path file = directory(id).resolve(BRIEF_PAUSE);
        try {
            Files.createFile(file, PRIVATE_FILE);
        } catch (FileAlreadyExistsException e) {
            // Left over from one that ended meanwhile.
        } catch (IOException e) {
            throw failed("write", file, e);
        }
    }

    /** Forgets that; whether there was anything to forget. */
    public boolean pausesNoMore(ContainerId id) {
        Path file = directory(id).resolve(BRIEF_PAUSE);
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failed("remove", file, e);
        }
    }

    private void append(ContainerId id, Line line, boolean durably) {
        Path file = file(id);
        Set<OpenOption> options =
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        try (FileChannel channel = FileChannel.open(file, options, PRIVATE_FILE)) {
            long before = channel.size();
            try {
                writeAll(channel, line);
            } catch (IOException e) {
                channel.truncate(before); // A disk that is full takes a part, and nothing may be appended to that.
                throw e;
            }
            if (durably) {
                channel.force(false);
            }
            if (channel.size() > LARGEST) {
                compact(file);
            }
        } catch (IOException e) {
            throw failed("write", file, e);
        }
    }

    private void writeAll(FileChannel channel, Line line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((json.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private void compact(Path file) throws IOException {
        Content content = read(file);
        if (content.spec != null) {
            String lines = json.writeValueAsString(new Line(
                            content.spec,
                            content.made,
                            content.starts,
                            content.outcome,
                            content.stopped,
                            content.health))
                    + "\n";
            DurableFile.write(file, lines.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Remembers that a container is about to be removed: from here on there is only forward. */
    public void removing(ContainerId id) {
        Path home = directory(id);
        try {
            Files.move(home, going(id), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            // Begun before, or never made.
        } catch (IOException e) {
            throw failed("rename", home, e);
        }
    }

    private Path going(ContainerId id) {
        return directory.resolve(id + REMOVING);
    }

    /** Forgets a container with all its files, its log included. */
    public void forget(ContainerId id) {
        for (Path home : List.of(directory(id), going(id))) {
            try (Stream<Path> files = Files.list(home)) {
                for (Path file : files.toList()) {
                    Files.deleteIfExists(file);
                }
                Files.deleteIfExists(home);
            } catch (NoSuchFileException e) {
                // Forgotten before, or known by the other name.
            } catch (IOException e) {
                throw failed("remove", home, e);
            }
        }
    }

    /** What the disk remembers. A line that was not written to its end is cut off. */
    public Inventory load() {
        List<StoredContainer> whole = new ArrayList<>();
        Set<ContainerId> halfMade = new LinkedHashSet<>(ids(REMOVING));
        Map<ContainerId, String> damaged = new HashMap<>();
        for (ContainerId id : ids("")) {
            try {
                load(id).ifPresentOrElse(whole::add, () -> halfMade.add(id));
            } catch (Failure e) {
                damaged.put(id, e.text());
            }
        }
        return new Inventory(whole, List.copyOf(halfMade), damaged);
    }

    private Optional<StoredContainer> load(ContainerId id) {
        Path file = file(id);
        try {
            Content content = read(file);
            if (content.spec == null) {
                return Optional.empty();
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(content.whole);
            }
            return Optional.of(new StoredContainer(
                    content.spec, content.made, content.starts, content.outcome, content.stopped, content.health));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failed("read", file, e);
        }
    }

    /** The directories whose names are an id and this. */
    private List<ContainerId> ids(String ending) {
        try (Stream<Path> homes = Files.list(directory)) {
            return homes.filter(home -> Files.isDirectory(home, LinkOption.NOFOLLOW_LINKS))
                    .map(home -> String.valueOf(home.getFileName()))
                    .filter(name -> name.endsWith(ending))
                    .map(name -> name.substring(0, name.length() - ending.length()))
                    .filter(name -> name.matches("[0-9a-f]{64}"))
                    .map(ContainerId::parse)
                    .toList();
        } catch (IOException e) {
            throw failed("list", directory, e);
        }
    }

    private Content read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Content content = new Content(null, true, Starts.NONE, null, 0, null, 0);
        int begin = 0;
        JacksonException torn = null;
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] != '\n') {
                continue;
            }
            try {
                Line line = json.readValue(bytes, begin, at - begin, Line.class);
                if (torn != null) {
                    throw damaged(file, torn);
                }
                content = content.and(line, at + 1L);
            } catch (JacksonException e) {
                // After a power cut what was not flushed may be anything; what was cannot be followed by more.
                torn = e;
            }
            begin = at + 1;
        }
        if (torn != null && content.spec == null) {
            throw damaged(file, torn);
        }
        return content;
    }

    /** It was flushed before anything followed it, and removing the container on account of damage would lose its data. */
    private static Failure damaged(Path file, JacksonException e) {
        return new Failure.Internal(
                file + " cannot be read: " + e.getOriginalMessage() + "; restore it, or remove the directory "
                        + file.getParent() + " to give the container up",
                e);
    }

    private static Failure failed(String verb, Path path, IOException cause) {
        return new Failure.Internal(
                "cannot " + verb + " " + path + ": " + cause.getClass().getSimpleName() + ": " + cause.getMessage(),
                cause);
    }
}
