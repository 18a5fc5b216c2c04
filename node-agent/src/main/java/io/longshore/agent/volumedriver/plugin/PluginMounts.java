package io.longshore.agent.volumedriver.plugin;

import static io.longshore.agent.linux.MountFlags.MOVE_MOUNT_F_EMPTY_PATH;
import static io.longshore.agent.linux.MountFlags.OPEN_TREE_CLOEXEC;
import static io.longshore.agent.linux.MountFlags.OPEN_TREE_CLONE;
import static io.longshore.agent.linux.OpenFlags.AT_EMPTY_PATH;
import static io.longshore.agent.linux.OpenFlags.AT_RECURSIVE;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.RESOLVE_NO_SYMLINKS;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.agent.volumedriver.plugin.MountNotes.Note;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what is at a mount point into a directory of the agent's own, in its own mount namespace: what was looked at is then what
 * containers get, whatever the plugin makes of its path afterwards. The path is opened without following links. A file system that does not
 * answer holds up a thread of its plugin's small pool, not who asks.
 */
final class PluginMounts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PluginMounts.class);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Of one plugin: what hangs holds up no other plugin. */
    private static final int THREADS = 4;
    /** Far more than a plugin is asked at once. */
    private static final int WAITING = 256;
    /** Of mounts one over the other, which failed attempts to take one away may leave. */
    private static final int MOST = 16;

    private final Map<PluginName, NativePool> pools = new ConcurrentHashMap<>();
    private final Syscalls syscalls;
    private final Path directory;

    /** @param directory of ours, gone after a restart of the machine; made with the first mount */
    PluginMounts(Syscalls syscalls, Path directory) {
        this.syscalls = syscalls;
        this.directory = directory;
    }

    /** Where a plugin's volume is for this holder, mounted or not. */
    Path place(PluginName plugin, Note note) {
        return directory
                .resolve(plugin.value())
                .resolve(note.volume().value())
                .resolve(note.holder().value());
    }

    /** Mounts it there, with all that is mounted below it. */
    void take(PluginName plugin, Mountpoint from, Path place) throws IOException {
        Files.createDirectories(place);
        pool(plugin)
                .call(
                        () -> {
                            bind(from, place);
                            return place;
                        },
                        LIMIT,
                        this::tooLate);
    }

    private NativePool pool(PluginName plugin) {
        return pools.computeIfAbsent(plugin, name -> new NativePool("volume-plugin-" + name, THREADS, WAITING));
    }

    private void bind(Mountpoint from, Path place) throws IOException {
        try (Fd found = syscalls.openat2(Fd.CWD, from.toString(), O_PATH | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS);
                Fd tree = syscalls.openTree(
                        found, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE)) {
            syscalls.moveMount(tree, "", Fd.CWD, place.toString(), MOVE_MOUNT_F_EMPTY_PATH);
        } catch (ErrnoException e) {
            throw e.is(Errno.ELOOP) ? new Mountpoint.Refused("a part of it is a symbolic link") : e;
        }
        // Nothing that anybody mounts below it is to be seen elsewhere, whatever the node's own mounts are.
        syscalls.mount("", place.toString(), "", MountFlags.MS_PRIVATE | MountFlags.MS_REC, "");
    }

    /** Takes it away again, at once for who looks, and for good when the last container that has a copy ends. */
    void leave(PluginName plugin, Path place) {
        try {
            pool(plugin)
                    .call(
                            () -> {
                                unbind(place);
                                return place;
                            },
                            LIMIT);
        } catch (IOException e) {
            throw new Failure.Internal("cannot unmount " + place + ": " + e.getMessage(), e);
        }
    }

    /** Takes away what an unmounted volume has left; nothing while it is mounted. */
    void forget(PluginName plugin, VolumeName volume) {
        Path left = directory.resolve(plugin.value()).resolve(volume.value());
        try {
            Files.deleteIfExists(left);
        } catch (IOException e) {
            LOG.debug("{} stays until the machine begins again: {}", left, e.toString());
        }
    }

    private void tooLate(Path place) {
        try {
            unbind(place);
        } catch (IOException e) {
            LOG.warn("cannot unmount {}, which nobody waits for any more: {}", place, e.toString());
        }
    }

    private void unbind(Path place) throws IOException {
        try {
            for (int i = 0; i < MOST; i++) {
                syscalls.umount2(place.toString(), MountFlags.MNT_DETACH | MountFlags.UMOUNT_NOFOLLOW);
            }
        } catch (ErrnoException e) {
            // There is none, or none any more; one of an earlier life was in a mount namespace of its own.
            if (!e.is(Errno.EINVAL) && !e.is(Errno.ENOENT)) {
                throw e;
            }
        }
        Files.deleteIfExists(place);
    }

    @Override
    public void close() {
        pools.values().forEach(NativePool::close);
    }
}
