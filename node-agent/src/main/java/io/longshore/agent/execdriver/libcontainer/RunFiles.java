package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.stage.supervisor.ProcessIdentity;
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
import java.util.ArrayList;
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

    private static final String RECORD = "exit.";

    /**
     * A note.
     *
     * @param socket of the supervisor; another one for each start, as the record of the exit, so that a supervisor that is still saying
     *     goodbye does not touch its successor's
     * @param directory the container's directory
     * @param cgroup of the container
     * @param supervisor known once it is spawned, before the process can run
     * @param started known once the process runs
     */
    record Note(
            Path socket,
            Path directory,
            CgroupPath cgroup,
            @Nullable ProcessIdentity supervisor,
            @Nullable Started started) {
        Path exitRecord() {
            String name = socket.getFileName().toString();
            return directory.resolve(RECORD + name.substring(name.lastIndexOf('.') + 1));
        }
    }

    /** A process that was started, and when. */
    record Started(ProcessIdentity process, Instant at) {}

    private final Path directory;

    RunFiles(Path directory) {
        this.directory = directory;
    }

    /** A note for a new start of a container. */
    Note begin(Launch launch, CgroupPath cgroup) {
        return note(launch, cgroup, HexFormat.of().toHexDigits((short)
                ThreadLocalRandom.current().nextInt()));
    }

    private Note note(Launch launch, CgroupPath cgroup, String unique) {
        Path socket = directory.resolve(launch.id() + "." + unique);
        return new Note(socket, Path.of(launch.directory()), cgroup, null, null);
    }

    /** The note of a container's latest start. After a restart of the machine only the record of the exit can be left of it. */
    Note latest(Launch launch, CgroupPath cgroup) {
        return read(launch.id())
                .orElseGet(() -> records(Path.of(launch.directory())).stream()
                        .map(record -> record.getFileName().toString().substring(RECORD.length()))
                        .filter(unique -> !unique.contains("."))
                        .findFirst()
                        .map(unique -> note(launch, cgroup, unique))
                        .orElseGet(() -> begin(launch, cgroup)));
    }

    /**
     * Writes the note of a new start, in one write(2), before anything that it tells of is there: a torn one is of a start of which nothing
     * was made. It need not outlive a power cut, so it is not synced. Records of earlier starts go.
     */
    void write(ContainerId id, Note note) {
        put(id, note.socket() + "\n" + note.directory() + "\n" + note.cgroup() + "\n");
        deleteRecords(note);
    }

    /** Adds to the note who the supervisor is, in one write(2). */
    Note spawned(ContainerId id, Note note, ProcessIdentity supervisor) {
        append(id, supervisor.pid() + " " + supervisor.startTicks());
        return new Note(note.socket(), note.directory(), note.cgroup(), supervisor, null);
    }

    /** Adds to the note when the process was started, in one write(2). */
    Note started(ContainerId id, Note note, Started started) {
        append(id, started.process().pid() + " " + started.process().startTicks() + " " + started.at());
        return new Note(note.socket(), note.directory(), note.cgroup(), note.supervisor(), started);
    }

    private void append(ContainerId id, String line) {
        put(id, line + "\n", StandardOpenOption.WRITE, StandardOpenOption.APPEND);
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
                    lines.size() < 4 ? null : identity(lines.get(3)),
                    lines.size() < 5 ? null : new Started(identity(lines.get(4)), instant(lines.get(4)))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            throw new Failure.Internal("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static ProcessIdentity identity(String line) {
        String[] fields = line.split(" ", -1);
        return new ProcessIdentity(Integer.parseInt(fields[0]), Long.parseLong(fields[1]));
    }

    private static Instant instant(String line) {
        return Instant.parse(line.substring(line.lastIndexOf(' ') + 1));
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
            deleteRecords(note);
            Files.deleteIfExists(directory.resolve(id + NOTE));
        } catch (IOException e) {
            throw new Failure.Internal("cannot remove the run files of container " + id + ": " + e.getMessage(), e);
        }
    }

    /** A supervisor that has not written its record yet gives up when its file is gone. */
    private static void deleteRecords(Note note) {
        for (Path record : records(note.directory())) {
            try {
                Files.deleteIfExists(record);
            } catch (IOException e) {
                throw new Failure.Internal("cannot remove " + record + ": " + e.getMessage(), e);
            }
        }
    }

    /** Records of exits, also those that are not written yet. */
    private static List<Path> records(Path directory) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, RECORD + "*")) {
            files.forEach(found::add);
        } catch (NoSuchFileException e) {
            return found;
        } catch (IOException e) {
            throw new Failure.Internal("cannot list " + directory + ": " + e.getMessage(), e);
        }
        return found;
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
