package io.longshore.agent.volumedriver.local;

import static io.longshore.agent.linux.OpenFlags.AT_EMPTY_PATH;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_PATH;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.Syscalls;
import io.longshore.contracts.agent.LocalVolumeOptions;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Mounts what a volume's options name on the volume's directory, in the agent's own mount namespace, and takes it away again. A container
 * has a copy of the mount: what it holds does not need this one. A server that does not answer holds up a thread of a small pool, not who
 * asks.
 */
final class VolumeMounts implements AutoCloseable {
    /** A server that is up answers within this; mount(8) of NFS gives up after two minutes. */
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** Somebody may have mounted several over each other. */
    private static final int MOST_LAYERS = 16;

    /** A mount of a flag that mount(2) takes with MS_BIND only when it is done again. */
    private static final int SECOND = MountFlags.MS_RDONLY
            | MountFlags.MS_NOSUID
            | MountFlags.MS_NODEV
            | MountFlags.MS_NOEXEC
            | MountFlags.MS_NOATIME
            | MountFlags.MS_NODIRATIME
            | MountFlags.MS_RELATIME
            | MountFlags.MS_STRICTATIME;

    private final NativePool pool = new NativePool("volume-mount", 4, 256);
    private final Syscalls syscalls;

    VolumeMounts(Syscalls syscalls) {
        this.syscalls = syscalls;
    }

    /**
     * Mounts, unless something is mounted there already, as by an earlier life of the agent.
     *
     * @param late is called when it is mounted after all, and nobody waits for it any more
     */
    void mount(Path data, Map<String, String> options, Runnable late) {
        String type = options.getOrDefault(LocalVolumeOptions.TYPE, "");
        String device = options.getOrDefault(LocalVolumeOptions.DEVICE, "");
        String asked = options.getOrDefault(LocalVolumeOptions.MOUNT_OPTIONS, "");
        try {
            pool.call(
                    () -> {
                        mount(data, type, device, withAddress(type, asked));
                        return data;
                    },
                    LIMIT,
                    mounted -> late.run());
        } catch (IOException e) {
            throw new Failure.Internal(
                    "error while mounting volume '" + data + "': failed to mount local volume: "
                            + hidden(problem(e, device, data, asked), asked),
                    e);
        }
    }

    private static String problem(IOException e, String device, Path data, String asked) {
        String what = e instanceof ErrnoException errno ? errno.errno().text() : String.valueOf(e.getMessage());
        MountOptions options = MountOptions.parse(asked);
        return "mount " + device + ":" + data
                + (options.flags() == 0 ? "" : ", flags: 0x" + Integer.toHexString(options.flags()))
                + (options.data().isEmpty() ? "" : ", data: " + options.data()) + ": " + what;
    }

    private static String hidden(String text, String options) {
        String password = MountOptions.value(options, "password");
        return password.isEmpty() ? text : text.replace("password=" + password, "password=********");
    }

    /** The kernel takes addresses only, and people give names. */
    private static String withAddress(String type, String options) throws IOException {
        String server = MountOptions.value(options, "addr");
        if (server.isEmpty() || !List.of("nfs", "nfs4", "cifs").contains(type)) {
            return options;
        }
        try {
            String address = InetAddress.getByName(server).getHostAddress();
            return options.replace("addr=" + server, "addr=" + address);
        } catch (UnknownHostException e) {
            throw new IOException("error resolving passed in network volume address: lookup " + server, e);
        }
    }

    private void mount(Path data, String type, String device, String text) throws IOException {
        if (isMounted(data)) {
            return;
        }
        MountOptions options = MountOptions.parse(text);
        boolean bind = options.has(MountFlags.MS_BIND);
        String at = data.toString();
        syscalls.mount(
                device,
                at,
                type,
                bind ? options.flags() & (MountFlags.MS_BIND | MountFlags.MS_REC) : options.flags(),
                options.data());
        try {
            if (bind && options.has(SECOND)) {
                int again = (options.flags() & SECOND) | MountFlags.MS_BIND | MountFlags.MS_REMOUNT;
                syscalls.mount(device, at, type, again, options.data());
            }
            // Nothing that anybody mounts below it is to be seen elsewhere, whatever the node's own mounts are.
            syscalls.mount("", at, "", MountFlags.MS_PRIVATE | MountFlags.MS_REC, "");
        } catch (IOException e) {
            unmount(data);
            throw e;
        }
    }

    /** Whether anything is mounted on the directory. */
    boolean isMounted(Path data) throws ErrnoException {
        return mountOf(data) != mountOf(data.resolveSibling("."));
    }

    private long mountOf(Path path) throws ErrnoException {
        try (Fd directory = syscalls.open(path.toString(), O_PATH | O_DIRECTORY | O_NOFOLLOW, 0)) {
            return syscalls.statx(directory, "", AT_EMPTY_PATH).mountId();
        }
    }

    /** Takes away all that is mounted on the directory, at once for who looks, and for good when the last container that has it ends. */
    void unmount(Path data) {
        try {
            for (int i = 0; isMounted(data); i++) {
                if (i == MOST_LAYERS) {
                    throw new Failure.Internal("more than " + MOST_LAYERS + " mounts on " + data + ": unmount them");
                }
                syscalls.umount2(data.toString(), MountFlags.MNT_DETACH | MountFlags.UMOUNT_NOFOLLOW);
            }
        } catch (ErrnoException e) {
            if (!e.is(Errno.ENOENT)) {
                throw new Failure.Internal("cannot unmount " + data + ": " + e.getMessage(), e);
            }
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
