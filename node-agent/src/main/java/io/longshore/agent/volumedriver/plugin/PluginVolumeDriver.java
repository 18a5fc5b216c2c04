package io.longshore.agent.volumedriver.plugin;

import io.longshore.agent.graphdriver.TreeSize;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.agent.volumedriver.plugin.MountNotes.Note;
import io.longshore.contracts.agent.PluginVolume;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The volumes of one plugin. A holder has a volume mounted from the Mount that the plugin was sent to the Unmount, over restarts of the
 * agent and of the plugin; the plugin is told of each once ({@link MountNotes}). Calls for one volume follow each other.
 */
final class PluginVolumeDriver implements VolumeDriver {
    /** A volume whose plugin hangs holds up one in so many. */
    private static final int LOCKS = 64;

    private static final Logger LOG = LoggerFactory.getLogger(PluginVolumeDriver.class);

    private final VolumePlugin plugin;
    private final PluginName name;
    private final Kit kit;
    private final MountNotes notes;
    private final Departures departures;

    private final List<ReentrantLock> locks =
            Stream.generate(() -> new ReentrantLock(true)).limit(LOCKS).toList();

    /**
     * What all plugins' volumes share.
     *
     * @param deadline for a call that does something, and for waiting for the one before
     * @param ours directories of our own, where no volume is
     */
    record Kit(Syscalls syscalls, WalkMemory memory, PluginMounts mounts, Duration deadline, List<Path> ours) {}

    private static final class NoSuchVolume extends Failure.NotFound {
        private NoSuchVolume(String message, Throwable cause) {
            super(message, cause);
        }
    }

    PluginVolumeDriver(PluginName name, VolumePlugin plugin, MountNotes notes, Kit kit) {
        this.name = name;
        this.plugin = plugin;
        this.notes = notes;
        this.kit = kit;
        this.departures = new Departures(name, notes, this::sendUnmount);
    }

    @Override
    public String name() {
        return name.value();
    }

    PluginName pluginName() {
        return name;
    }

    VolumePlugin plugin() {
        return plugin;
    }

    @Override
    public void create(VolumeName volume, Map<String, String> options) {
        locked(volume, () -> {
            if (plugin.has(volume)) {
                return;
            }
            try {
                plugin.create(volume, options);
            } catch (PluginClient.Refused e) {
                throw new Failure.Invalid("create " + volume + ": " + e.text(), e);
            }
        });
    }

    @Override
    public void remove(VolumeName volume) {
        departures.finish(volume);
        locked(volume, () -> {
            try {
                plugin.remove(volume);
            } catch (PluginClient.Refused e) {
                if (!plugin.lacks(volume)) {
                    throw new Failure.Internal("remove " + volume + ": " + e.text(), e);
                }
            }
            notes.forget(volume);
            kit.mounts().forget(name, volume);
        });
    }

    @Override
    public Path mount(VolumeName volume, ContainerId container) {
        Note note = new Note(volume, container);
        Path place = kit.mounts().place(name, note);
        try {
            departures.finish(note);
            locked(volume, () -> {
                // A container that has a volume twice, or ran before this life of the agent: it has its own copy.
                if (!notes.has(note)) {
                    take(note, place);
                }
            });
            return place;
        } catch (NoSuchVolume e) {
            throw e;
        } catch (Failure e) {
            // The plugin may have mounted it all the same.
            unmount(volume, container);
            throw new Failure.Internal("error while mounting volume '" + volume + "': " + e.text(), e);
        }
    }

    private void take(Note note, Path place) {
        String told;
        try {
            told = plugin.mount(note.volume(), note.holder(), () -> notes.write(note));
        } catch (PluginClient.Refused e) {
            notes.delete(note);
            if (plugin.lacks(note.volume())) {
                throw new NoSuchVolume(
                        "no such volume: " + note.volume() + " (needed by container "
                                + note.holder().shortForm() + "): volume plugin " + name + " says: " + e.text(),
                        e);
            }
            throw e;
        }
        try {
            kit.mounts().take(name, Mountpoint.parse(told, kit.ours()), place);
        } catch (Mountpoint.Refused e) {
            throw unusable(told, "is refused", e);
        } catch (IOException e) {
            throw unusable(told, "cannot be mounted", e);
        }
    }

    private Failure unusable(String told, String how, Exception why) {
        return new Failure.Internal(
                "volume plugin " + name + " says that it is at \"" + PluginText.of(told) + "\", which " + how + ": "
                        + why.getMessage(),
                why);
    }

    @Override
    public void unmount(VolumeName volume, ContainerId container) {
        Note note = new Note(volume, container);
        if (notes.has(note)) {
            try {
                kit.mounts().leave(name, kit.mounts().place(name, note));
            } catch (Failure e) {
                LOG.warn("volume {} stays mounted in the agent: {}", volume, e.text());
            }
            departures.begin(note);
        }
    }

    private void sendUnmount(Departures.Departure departure) {
        Note note = departure.note();
        locked(note.volume(), () -> {
            if (!departure.due()) {
                return;
            }
            try {
                plugin.unmount(note.volume(), note.holder(), () -> notes.delete(note));
            } finally {
                if (!notes.has(note)) {
                    departure.over();
                }
            }
        });
    }

    @Override
    public Set<ContainerId> holders() {
        return notes.all().stream().map(Note::holder).collect(Collectors.toSet());
    }

    @Override
    public void release(ContainerId container) {
        notes.of(container).forEach(note -> unmount(note.volume(), container));
    }

    @Override
    public boolean ready() {
        try {
            plugin.greet();
            return true;
        } catch (Failure e) {
            return false;
        }
    }

    @Override
    public long bytes(VolumeName volume, Duration limit) {
        ContainerId holder = ContainerId.random();
        try {
            return TreeSize.of(kit.syscalls(), mount(volume, holder), limit, kit.memory());
        } catch (ErrnoException e) {
            throw new Failure.Internal("cannot measure volume " + volume + " of plugin " + name, e);
        } finally {
            unmount(volume, holder);
        }
    }

    @Override
    public List<VolumeName> list() {
        return plugin.list().stream()
                .map(PluginVolume::name)
                .map(VolumeName::parse)
                .distinct()
                .sorted()
                .toList();
    }

    private void locked(VolumeName volume, Runnable work) {
        ReentrantLock lock = locks.get(Math.floorMod(volume.hashCode(), LOCKS));
        if (!Waits.acquired(lock, kit.deadline())) {
            throw new Failure.Unavailable("volume " + volume + " is busy: volume plugin " + name
                    + " has not answered an earlier call yet; try again later");
        }
        try {
            work.run();
        } finally {
            lock.unlock();
        }
    }
}
