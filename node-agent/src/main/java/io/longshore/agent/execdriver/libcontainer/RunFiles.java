package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.stage.supervisor.ProcessIdentity;
import io.longshore.contracts.error.Failure;
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
 * What the driver keeps of each supervised process in its run directory, which does not outlive the machine: the supervisor's socket, and
 * a note of what is to be taken away if the agent dies. The supervisor's record of the exit is in a directory that the process's owner names.
 */
final class RunFiles {
    private static final String RECORD = "exit.";

    /**
     * A note.
     *
     * @param socket of the supervisor; another one for each start, as the record of the exit, so that a supervisor that is still saying
     *     goodbye does not touch its successor's
     * @param directory where the record of the exit is
     * @param cgroup in which it runs
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
    private final String ending;

    /** @param ending of the names of the notes: one for each kind of process */
    RunFiles(Path directory, String ending) {
        this.directory = directory;
        this.ending = ending;
    }

    /** A note for a new start. */
    Note begin(String id, Path records, CgroupPath cgroup) {
        return note(id, records, cgroup, HexFormat.of().toHexDigits((short)
                ThreadLocalRandom.current().nextInt()));
    }

    private Note note(String id, Path records, CgroupPath cgroup, String unique) {
        return new Note(directory.resolve(id + "." + unique), records, cgroup, null, null);
    }

    /** The note of the latest start. After a restart of the machine only the record of the exit can be left of it. */
    Note latest(String id, Path records, CgroupPath cgroup) {
        return read(id).orElseGet(() -> records(records).stream()
                .map(record -> record.getFileName().toString().substring(RECORD.length()))
                .filter(unique -> !unique.contains("."))
                .findFirst()
                .map(unique -> note(id, records, cgroup, unique))
                .orElseGet(() -> begin(id, records, cgroup)));
    }

    /**
     * Writes the note of a new start, in one write(2), before anything that it tells of is there: a torn one is of a start of which nothing
     * was made. It need not outlive a power cut, so it is not synced. Records of earlier starts go.
     */
    void write(String id, Note note) {
        put(id, note.socket() + "\n" + note.directory() + "\n" + note.cgroup() + "\n");
        deleteRecords(note);
    }

    /** Adds to the note who the supervisor is, in one write(2). */
    Note spawned(String id, Note note, ProcessIdentity supervisor) {
        append(id, supervisor.pid() + " " + supervisor.startTicks());
        return new Note(note.socket(), note.directory(), note.cgroup(), supervisor, null);
    }

    /** Adds to the note when the process was started, in one write(2). */
    Note started(String id, Note note, Started started) {
        append(id, started.process().pid() + " " + started.process().startTicks() + " " + started.at());
        return new Note(note.socket(), note.directory(), note.cgroup(), note.supervisor(), started);
    }

    private void append(String id, String line) {
        put(id, line + "\n", StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    private void put(String id, String text, OpenOption... options) {
        Path file = directory.resolve(id + ending);
        try {
            Files.writeString(file, text, options);
        } catch (IOException e) {
            throw new Failure.Internal("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    Optional<Note> read(String id) {
        Path file = directory.resolve(id + ending);
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
    void forget(String id) {
        try {
            Files.deleteIfExists(directory.resolve(id + ending));
        } catch (IOException e) {
            throw new Failure.Internal("cannot remove the note of " + id + ": " + e.getMessage(), e);
        }
    }

    void delete(String id, Note note) {
        try {
            Files.deleteIfExists(note.socket());
            deleteRecords(note);
            Files.deleteIfExists(directory.resolve(id + ending));
        } catch (IOException e) {
            throw new Failure.Internal("cannot remove the run files of " + id + ": " + e.getMessage(), e);
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

    /** Of which there is a note. */
    Set<String> ids() {
        Set<String> found = new LinkedHashSet<>();
        try (DirectoryStream<Path> notes = Files.newDirectoryStream(directory, "*" + ending)) {
            for (Path note : notes) {
                String name = note.getFileName().toString();
                found.add(name.substring(0, name.length() - ending.length()));
            }
            return found;
        } catch (IOException e) {
            throw new Failure.Internal("cannot list " + directory + ": " + e.getMessage(), e);
        }
    }
}
