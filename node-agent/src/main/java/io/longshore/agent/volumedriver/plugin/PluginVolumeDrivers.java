package io.longshore.agent.volumedriver.plugin;

import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.agent.volumedriver.VolumeDriverSource;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.agent.PluginVolume;
import io.longshore.contracts.agent.PluginVolumes;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.client.Connections;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The volume plugins of this node. They are looked for when they are asked for; of each that ever was there is a driver, which finds its
 * plugin's socket anew with every call.
 */
public final class PluginVolumeDrivers implements VolumeDriverSource, AutoCloseable {
    /** One that hangs is to hold up one new volume a minute, not each. */
    private static final Duration LEFT_ALONE = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(PluginVolumeDrivers.class);

    private final PluginDirectories directories;
    private final Path notes;
    private final PluginVolumeDriver.Kit kit;
    private final Connections connections = Connections.toStrangers();
    private final Map<PluginName, PluginVolumeDriver> drivers = new ConcurrentHashMap<>();
    /** When a plugin last let somebody wait who only looked whether it has a volume. */
    private final Map<PluginName, Instant> silent = new ConcurrentHashMap<>();

    /**
     * What it is set up with.
     *
     * @param sockets directory of plugins' sockets
     * @param descriptions directories of files that say where a plugin's socket is
     * @param deadline for a call that does something; what only asks has at most half a minute
     * @param notes where it is written down what is mounted, kept over restarts of the machine
     * @param mounts where volumes are mounted for containers, gone after one
     * @param ours directories of our own, in which no volume is
     */
    public record Settings(
            Path sockets, List<Path> descriptions, Duration deadline, Path notes, Path mounts, List<Path> ours) {}

    public PluginVolumeDrivers(Syscalls syscalls, WalkMemory memory, Settings settings) {
        this.directories = new PluginDirectories(settings.sockets(), settings.descriptions());
        this.notes = settings.notes();
        this.kit = new PluginVolumeDriver.Kit(
                syscalls,
                memory,
                new PluginMounts(syscalls, settings.mounts()),
                settings.deadline(),
                List.copyOf(settings.ours()));
        noted().forEach(this::driver);
    }

    private List<PluginName> noted() {
        if (!Files.isDirectory(notes)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(notes)) {
            return entries.flatMap(entry -> PluginName.parse(String.valueOf(entry.getFileName())).stream())
                    .toList();
        } catch (IOException e) {
            throw new Failure.Internal("cannot read " + notes + ": " + e.getMessage(), e);
        }
    }

    private PluginVolumeDriver driver(PluginName name) {
        return drivers.computeIfAbsent(name, key -> {
            PluginClient client = new PluginClient(key, () -> directories.socket(key), connections);
            VolumePlugin plugin = new VolumePlugin(key, client, kit.deadline(), kit.ours());
            return new PluginVolumeDriver(key, plugin, new MountNotes(notes.resolve(key.value())), kit);
        });
    }

    /** Does not make a driver for each name that anybody thinks of: there must be a plugin, or have been one. */
    @Override
    public Optional<VolumeDriver> driver(String name) {
        return PluginName.parse(name).flatMap(parsed -> present(parsed).map(found -> found));
    }

    private Optional<PluginVolumeDriver> present(PluginName name) {
        PluginVolumeDriver known = drivers.get(name);
        if (known != null || directories.socket(name).isEmpty()) {
            return Optional.ofNullable(known);
        }
        return Optional.of(driver(name));
    }

    @Override
    public List<String> names() {
        return drivers.values().stream()
                .filter(driver -> driver.plugin().activated())
                .map(PluginVolumeDriver::name)
                .sorted()
                .toList();
    }

    @Override
    public Optional<PluginVolume> find(String driver, VolumeName volume) {
        PluginVolumeDriver found = PluginName.parse(driver)
                .flatMap(this::present)
                .orElseThrow(() -> new PluginClient.Missing(PluginText.of(driver, 200)));
        return found.plugin().get(volume);
    }

    @Override
    public Optional<PluginVolume> find(VolumeName volume) {
        for (PluginName name : directories.names()) {
            Instant before = silent.get(name);
            if (before != null && Instant.now().isBefore(before.plus(LEFT_ALONE))) {
                continue;
            }
            try {
                Optional<PluginVolume> found = driver(name).plugin().get(volume);
                if (found.isPresent()) {
                    return found;
                }
            } catch (Failure.DeadlineExceeded e) {
                silent.put(name, Instant.now());
                LOG.warn(
                        "volume plugin {} is not asked for volumes by name alone for {}: {}",
                        name,
                        LEFT_ALONE,
                        e.text());
            } catch (Failure e) {
                LOG.debug("volume plugin {} is passed over while {} is looked for: {}", name, volume, e.text());
            }
        }
        return Optional.empty();
    }

    @Override
    public PluginVolumes list() {
        Set<PluginName> names = new TreeSet<>(directories.names());
        drivers.values().stream()
                .filter(driver -> driver.plugin().activated())
                .forEach(driver -> names.add(driver.pluginName()));
        List<Future<PluginVolumes>> asked = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            names.forEach(name -> asked.add(threads.submit(() -> listed(driver(name)))));
        }
        List<PluginVolumes> all = asked.stream().map(Future::resultNow).toList();
        return new PluginVolumes(
                all.stream().flatMap(one -> one.volumes().stream()).toList(),
                all.stream().flatMap(one -> one.warnings().stream()).toList());
    }

    private static PluginVolumes listed(PluginVolumeDriver driver) {
        try {
            return new PluginVolumes(driver.plugin().list(), List.of());
        } catch (Failure.NotFound e) {
            return new PluginVolumes(List.of(), List.of()); // It has gone, or is a plugin for something else.
        } catch (Failure e) {
            return new PluginVolumes(List.of(), List.of("list " + driver.name() + ": " + e.text()));
        } catch (RuntimeException e) {
            LOG.error("cannot list the volumes of plugin {}", driver.name(), e);
            return new PluginVolumes(List.of(), List.of("list " + driver.name() + ": " + e));
        }
    }

    @Override
    public Set<ContainerId> holders() {
        Set<ContainerId> all = new HashSet<>();
        drivers.values().forEach(driver -> all.addAll(driver.holders()));
        return all;
    }

    @Override
    public void release(ContainerId container) {
        drivers.values().forEach(driver -> driver.release(container));
    }

    @Override
    public void close() throws IOException {
        kit.mounts().close();
        connections.close();
    }
}
