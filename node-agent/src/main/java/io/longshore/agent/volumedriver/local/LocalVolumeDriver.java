package io.longshore.agent.volumedriver.local;

import io.longshore.agent.graphdriver.TreeSize;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.TreeRemoval;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.agent.LocalVolumeOptions;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.file.PrivateDirectory;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/**
 * {@code volumes/<name>/_data} in the work directory; of a volume with options, what they name is mounted there while a container needs it,
 * and {@code volumes/<name>/options.json} has them. A volume is made under a name of its own and renamed, and renamed away before
 * its files are deleted, so that a crash leaves it whole or not there; what was half-made or half-removed goes at the next start.
 */
public final class LocalVolumeDriver implements VolumeDriver {
    private static final String DATA = "_data";
    private static final String OPTIONS = "options.json";
    /** No volume's name can begin with a dot. */
    private static final String PASSING = ".";

    /** A server that does not answer holds up one in so many volumes with options, and no other. */
    private static final int LOCKS = 64;

    private static final Logger LOG = LoggerFactory.getLogger(LocalVolumeDriver.class);

    private final Syscalls syscalls;
    private final Path directory;
    private final WalkMemory memory;
    private final VolumeMounts mounts;
    /** Who needs what is mounted, of volumes with options only; each guarded by its volume's lock. */
    private final Map<VolumeName, Set<ContainerId>> users = new ConcurrentHashMap<>();

    private final List<ReentrantLock> locks =
            Stream.generate(ReentrantLock::new).limit(LOCKS).toList();

    /**
     * @param directory where volumes lie; made if it is missing
     * @param memory for measuring
     */
    public LocalVolumeDriver(Syscalls syscalls, Path directory, WalkMemory memory) {
        this.syscalls = syscalls;
        this.memory = memory;
        this.directory = directory;
        this.mounts = new VolumeMounts(syscalls);
        try {
            PrivateDirectory.make(directory);
            try (Stream<Path> entries = Files.list(directory)) {
                for (Path entry : entries.filter(LocalVolumeDriver::passing).toList()) {
                    deleteQuietly(entry);
                }
            }
        } catch (IOException e) {
            throw failed("cannot prepare the volume directory " + directory, e);
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
        Path home = directory.resolve(volume.value());
        if (Files.isDirectory(home.resolve(DATA), LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Path making = passing();
        try {
            Files.createDirectory(making);
            directory(making.resolve(DATA));
            Files.setPosixFilePermissions(making, PosixFilePermissions.fromString("rwx--x--x"));
            if (!options.isEmpty()) {
                write(making.resolve(OPTIONS), options);
            }
            Files.move(making, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            deleteQuietly(making);
            // Somebody else may have made it in the meantime (ENOTEMPTY of rename(2)): then theirs counts.
            if (!Files.isDirectory(home.resolve(DATA), LinkOption.NOFOLLOW_LINKS)) {
                throw failed("cannot make volume " + volume + " in " + directory, e);
            }
        }
    }

    /** Makes one, not by the umask: processes of any user may be meant to read it, as in an image's directory. */
    private static void directory(Path data) throws IOException {
        Files.createDirectory(data);
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Override
    public void remove(VolumeName volume) {
        Path leaving = passing();
        // What is mounted there is not the volume's to delete.
        mounts.unmount(directory.resolve(volume.value()).resolve(DATA));
        try {
            Files.move(directory.resolve(volume.value()), leaving, StandardCopyOption.ATOMIC_MOVE);
            TreeRemoval.remove(syscalls, leaving);
        } catch (NoSuchFileException e) {
            // Gone already, which is what was asked for.
        } catch (IOException e) {
            throw failed("cannot remove volume " + volume + " from " + directory, e);
        }
    }

    @Override
    public Path mount(VolumeName volume, ContainerId container) {
        Path data = directory.resolve(volume.value()).resolve(DATA);
        if (!Files.isDirectory(data, LinkOption.NOFOLLOW_LINKS)) {
            throw new Failure.NotFound(
                    "no such volume: " + volume + " (needed by container " + container.shortForm() + ")");
        }
        Path options = data.resolveSibling(OPTIONS);
        if (Files.exists(options)) {
            locked(volume, () -> {
                mounts.mount(data, read(options), () -> unmountUnused(volume, data));
                users.computeIfAbsent(volume, key -> new HashSet<>()).add(container);
            });
        }
        return data;
    }

    /** A plain directory needs no release. */
    @Override
    public void unmount(VolumeName volume, ContainerId container) {
        Path data = directory.resolve(volume.value()).resolve(DATA);
        if (!Files.exists(data.resolveSibling(OPTIONS))) {
            return;
        }
        locked(volume, () -> {
            Set<ContainerId> left = users.get(volume);
            if (left != null) {
                left.remove(container);
            }
        });
        unmountUnused(volume, data);
    }

    private void unmountUnused(VolumeName volume, Path data) {
        locked(volume, () -> {
            Set<ContainerId> left = users.get(volume);
            if (left == null || left.isEmpty()) {
                users.remove(volume);
                mounts.unmount(data);
                letGoElsewhere(data);
            }
        });
    }

    /**
     * Supervisors live on in the mount namespaces of earlier lives of the agent, where the mount still is. The kernel takes it away there, too,
     * when another directory takes the place of the one that it is on (since Linux 3.18).
     */
    private void letGoElsewhere(Path data) {
        Path other = passing();
        try {
            directory(other);
            Files.move(other, data, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // Nothing lies under a mount, unless somebody has put it there.
            LOG.info("what is mounted on {} may stay so where earlier lives of the agent were: {}", data, e.toString());
            deleteQuietly(other);
        }
    }

    private void locked(VolumeName volume, Runnable work) {
        ReentrantLock lock = locks.get(Math.floorMod(volume.hashCode(), LOCKS));
        lock.lock();
        try {
            work.run();
        } finally {
            lock.unlock();
        }
    }

    private static void write(Path file, Map<String, String> options) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(Json.bytes(options));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private static Map<String, String> read(Path file) {
        try {
            return Json.mapper().readValue(Files.readAllBytes(file), new TypeReference<>() {});
        } catch (IOException | JacksonException e) {
            throw new Failure.Internal("cannot read the options of a volume in " + file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public long bytes(VolumeName volume, Duration limit) {
        Path data = directory.resolve(volume.value()).resolve(DATA);
        if (!Files.isDirectory(data, LinkOption.NOFOLLOW_LINKS)) {
            throw new Failure.NotFound("no such volume: " + volume);
        }
        try {
            return TreeSize.of(syscalls, data, limit, memory);
        } catch (ErrnoException e) {
            throw failed("cannot measure volume " + volume + " in " + directory, e);
        }
    }

    @Override
    public List<VolumeName> list() {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> !passing(entry))
                    .filter(entry -> Files.isDirectory(entry.resolve(DATA), LinkOption.NOFOLLOW_LINKS))
                    .map(entry -> VolumeName.parse(fileName(entry)))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw failed("cannot list the volumes in " + directory, e);
        }
    }

    /** For what the next start deletes anyway. */
    private void deleteQuietly(Path tree) {
        try {
            TreeRemoval.remove(syscalls, tree);
        } catch (IOException e) {
            LOG.warn("cannot delete {}, the next start tries again: {}", tree, e.toString());
        }
    }

    private Path passing() {
        // The volume's name is left out: with it the file name could grow over 255 bytes.
        return directory.resolve(PASSING + UUID.randomUUID());
    }

    private static boolean passing(Path entry) {
        return fileName(entry).startsWith(PASSING);
    }

    private static String fileName(Path entry) {
        return String.valueOf(entry.getFileName());
    }

    private static Failure failed(String what, IOException cause) {
        return new Failure.Internal(what + ": " + cause.getMessage(), cause);
    }
}
