package io.longshore.agent.volumedriver.plugin;

import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.testbed.plugin.VolumePlugin;
import io.longshore.testbed.process.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A node's directories and a plugin called {@code good} on it; each driver that it makes is another life of the agent. */
final class PluginNode implements AutoCloseable {
    /** Of a call: longer than a busy machine stops a process. */
    private static final Duration DEADLINE = Duration.ofSeconds(3);

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Path home;
    private final VolumePlugin plugin;
    private final List<PluginVolumeDrivers> lives = new ArrayList<>();

    /**
     * @param home for all but volumes
     * @param volumes where the plugin has them
     */
    PluginNode(Path home, Path volumes) {
        this.home = home;
        try {
            Files.createDirectories(home.resolve("sockets"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        plugin = VolumePlugin.start(home.resolve("sockets/good.sock"), home.resolve("plugin"), volumes);
    }

    VolumePlugin plugin() {
        return plugin;
    }

    /** Where sockets are looked for. */
    Path sockets() {
        return home.resolve("sockets");
    }

    /** Where descriptions are. */
    Path descriptions() {
        return home.resolve("descriptions");
    }

    /** The drivers of another life of the agent. */
    PluginVolumeDrivers drivers() {
        return drivers(DEADLINE);
    }

    private PluginVolumeDrivers drivers(Duration deadline) {
        PluginVolumeDrivers life = new PluginVolumeDrivers(
                new JnaSyscalls(),
                WalkMemory.ofHeap(),
                new PluginVolumeDrivers.Settings(
                        sockets(),
                        List.of(descriptions()),
                        deadline,
                        home.resolve("notes"),
                        home.resolve("mounts"),
                        List.of(home.resolve("ours"))));
        lives.add(life);
        return life;
    }

    VolumeDriver driver() {
        return drivers().driver("good").orElseThrow();
    }

    /** One whose calls have so much time. */
    VolumeDriver driver(Duration deadline) {
        return drivers(deadline).driver("good").orElseThrow();
    }

    /** What is mounted below the node's directory. */
    List<String> mounts() {
        try {
            return Files.readString(Path.of("/proc/self/mountinfo"))
                    .lines()
                    .map(line -> line.split(" ")[4])
                    .filter(place -> place.startsWith(home.toString()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void await(BooleanSupplier condition) {
        if (!Await.until(PATIENCE, condition)) {
            throw new AssertionError("not within " + PATIENCE);
        }
    }

    /** Unmounts what a test left mounted, since the directory is about to be deleted. */
    @Override
    public void close() {
        JnaSyscalls syscalls = new JnaSyscalls();
        try {
            for (String place : mounts().reversed()) {
                syscalls.umount2(place, MountFlags.MNT_DETACH);
            }
            for (PluginVolumeDrivers life : lives) {
                life.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            plugin.close();
        }
    }
}
