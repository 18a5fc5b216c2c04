package io.longshore.agent.volumedriver.plugin;

import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.file.DurableFile;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which holders a plugin has been asked to mount a volume for, and not yet to unmount it: an empty file {@code <volume>/<holder>} each, so
 * that the next life of the agent knows. It is made just before a Mount is sent and deleted just before an Unmount is: what was about to
 * be sent when the agent died counts as heard, since plugins are slow and the moment before is short. Thread-safe for different holders.
 */
final class MountNotes {
    private static final Logger LOG = LoggerFactory.getLogger(MountNotes.class);

    private final Path directory;
    private final Set<Note> notes = ConcurrentHashMap.newKeySet();

    /** A volume that the plugin has mounted for this holder. */
    record Note(VolumeName volume, ContainerId holder) {}

    /** @param directory of one plugin; made with the first note */
    MountNotes(Path directory) {
        this.directory = directory;
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> volumes = Files.list(directory)) {
            for (Path volume : volumes.toList()) {
                read(volume);
            }
        } catch (IOException e) {
            throw failed("cannot read " + directory, e);
        }
    }

    private void read(Path volume) throws IOException {
        try (Stream<Path> holders = Files.list(volume)) {
            for (Path holder : holders.toList()) {
                notes.add(new Note(VolumeName.parse(name(volume)), ContainerId.parse(name(holder))));
            }
        } catch (NotDirectoryException | Failure.Invalid e) {
            LOG.warn("{} has something in it that is no note of a mounted volume: {}", volume, e.toString());
        }
    }

    boolean has(Note note) {
        return notes.contains(note);
    }

    Set<Note> all() {
        return Set.copyOf(notes);
    }

    Set<Note> of(ContainerId holder) {
        return notes.stream().filter(note -> note.holder().equals(holder)).collect(Collectors.toSet());
    }

    /** On disk when it returns. */
    void write(Note note) {
        Path file = file(note);
        try {
            boolean first = !Files.isDirectory(directory);
            Files.createDirectories(volume(note));
            Files.createFile(file);
            DurableFile.syncDirectory(volume(note));
            DurableFile.syncDirectory(directory);
            if (first) {
                DurableFile.syncDirectory(directory.resolveSibling("."));
            }
        } catch (FileAlreadyExistsException e) {
            // It is there, which is what is wanted.
        } catch (IOException e) {
            throw failed("cannot write " + file, e);
        }
        notes.add(note);
    }

    /** Off the disk when it returns. */
    void delete(Note note) {
        Path file = file(note);
        try {
            if (Files.deleteIfExists(file)) {
                DurableFile.syncDirectory(volume(note));
            }
        } catch (IOException e) {
            throw failed("cannot delete " + file, e);
        }
        notes.remove(note);
    }

    /** Takes away what an unmounted volume has left; nothing while it is mounted. */
    void forget(VolumeName volume) {
        Path left = directory.resolve(volume.value());
        try {
            Files.deleteIfExists(left);
        } catch (DirectoryNotEmptyException e) {
            // Somebody has mounted it again.
        } catch (IOException e) {
            throw failed("cannot delete " + left, e);
        }
    }

    private Path volume(Note note) {
        return directory.resolve(note.volume().value());
    }

    private Path file(Note note) {
        return volume(note).resolve(note.holder().value());
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private static Failure failed(String what, IOException cause) {
        return new Failure.Internal(what + ": " + cause.getMessage(), cause);
    }
}
