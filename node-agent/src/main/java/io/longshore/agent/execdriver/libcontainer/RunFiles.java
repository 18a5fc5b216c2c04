package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.execdriver.Launch;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What the driver keeps per container in its run directory, which does not outlive the machine: the supervisor's socket, and
 * a note of what is to be taken away if the agent dies. The supervisor's record of the exit is in the container's own directory.
 */
final class RunFiles {
    private static final String NOTE = ".run";

    /**
     * A note.
     *
     * @param socket of the supervisor; another one for each start, so that a supervisor that is still saying goodbye does not remove
     *     its successor's
     * @param directory the container's directory
     * @param cgroup of the container
     * @param startedAt when it was started, null before
     */
    record Note(
            Path socket,
            Path directory,
            CgroupPath cgroup,
            @Nullable Instant startedAt) {
        Path exitRecord() {
            return directory.resolve("exit");
        }
    }

    private final Path directory;

    RunFiles(Path directory) {
        this.directory = directory;
    }

    /** A note for a new start of a container. */
    Note begin(Launch launch, CgroupPath cgroup) {
        String unique =
                HexFormat.of().toHexDigits((short) ThreadLocalRandom.current().nextInt());
        return new Note(directory.resolve(launch.id() + "." + unique), Path.of(launch.directory()), cgroup, null);
    }

    /**
     * Writes the note of a new start, in one write(2), before anything that it tells of is there: a torn one is of a start of which nothing
     * was made. It need not outlive a power cut, so it is not synced.
     */
    void write(ContainerId id, Note note) {
        put(id, note.socket() + "\n" + note.directory() + "\n" + note.cgroup() + "\n");
    }

    /** Adds to the note when the process was started, in one write(2). */
    void started(ContainerId id, Instant when) {
        put(id, when + "\n", StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    private void put(ContainerId id, String text, OpenOption... options) {
        Path file = directory.resolve(id + NOTE);
        try {
            Files.writeString(file, text, options);
        } catch (IOException e) {
            throw new Failure.Internal("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    Optional<Note> read(ContainerId id) {
        Path file = directory.resolve(id + NOTE);
        try {
            List<String> lines = Files.readAllLines(file);
            if (lines.size() < 3) {
                return Optional.empty();
            }
            return Optional.of(new Note(
                    Path.of(lines.get(0)),
                    Path.of(lines.get(1)),
                    new CgroupPath(lines.get(2)),
                    lines.size() < 4 ? null : Instant.parse(lines.get(3))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            throw new Failure.Internal("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Removes a note that says nothing: its writer was killed before the first byte. */
    void forget(ContainerId id) {
        try {
            Files.deleteIfExists(directory.resolve(id + NOTE));
        } catch (IOException e) {
            throw new Failure.Internal("cannot remove the note of container " + id + ": " + e.getMessage(), e);
        }
    }

    void delete(ContainerId id, Note note) {
        try {
            Files.deleteIfExists(note.socket());
            Files.deleteIfExists(note.exitRecord());
            Files.deleteIfExists(directory.resolve(id + NOTE));
        } catch (IOException e) {
            throw new Failure.Internal("cannot remove the run files of container " + id + ": " + e.getMessage(), e);
        }
    }

    Set<ContainerId> containers() {
        Set<ContainerId> found = new LinkedHashSet<>();
        try (DirectoryStream<Path> notes = Files.newDirectoryStream(directory, "*" + NOTE)) {
            for (Path note : notes) {
                String name = note.getFileName().toString();
                found.add(ContainerId.parse(name.substring(0, name.length() - NOTE.length())));
            }
            return found;
        } catch (IOException e) {
            throw new Failure.Internal("cannot list " + directory + ": " + e.getMessage(), e);
        }
    }
}
