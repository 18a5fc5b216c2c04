package io.longshore.agent.volumedriver.simulated;

import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.agent.LocalVolumeOptions;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Volumes that hold no data: each is one empty file in a directory, so that they outlive the agent as real ones do. It answers to the
 * name {@code local}, which services ask for.
 */
public final class SimulatedVolumeDriver implements VolumeDriver {
    private final Path directory;

    /** @param directory where the empty files lie; made if it is missing */
    public SimulatedVolumeDriver(Path directory) {
        this.directory = directory;
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new Failure.Internal("cannot prepare " + directory + " for simulated volumes: " + e.getMessage(), e);
        }
    }

    @Override
    public String name() {
        return "local";
    }

    @Override
    public void create(VolumeName volume, Map<String, String> options) {
        String refusal = LocalVolumeOptions.refusal(options);
        if (refusal != null) {
            throw new Failure.Invalid("create " + volume + ": " + refusal);
        }
        try {
            Files.createFile(file(volume));
        } catch (FileAlreadyExistsException e) {
            // It is there, which is what was asked for.
        } catch (IOException e) {
            throw new Failure.Internal("cannot make simulated volume " + volume + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void remove(VolumeName volume) {
        try {
            Files.deleteIfExists(file(volume));
        } catch (IOException e) {
            throw new Failure.Internal("cannot remove simulated volume " + volume + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Path mount(VolumeName volume, ContainerId container) {
        if (!Files.exists(file(volume))) {
            throw new Failure.NotFound(
                    "no such volume: " + volume + " (needed by container " + container.shortForm() + ")");
        }
        return file(volume).toAbsolutePath();
    }

    @Override
    public void unmount(VolumeName volume, ContainerId container) {
        // Nothing was taken.
    }

    @Override
    public long bytes(VolumeName volume, Duration limit) {
        if (!Files.exists(file(volume))) {
            throw new Failure.NotFound("no such volume: " + volume);
        }
        return 0;
    }

    @Override
    public List<VolumeName> list() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> VolumeName.parse(String.valueOf(file.getFileName())))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new Failure.Internal("cannot list simulated volumes in " + directory + ": " + e.getMessage(), e);
        }
    }

    private Path file(VolumeName volume) {
        return directory.resolve(volume.value());
    }
}
