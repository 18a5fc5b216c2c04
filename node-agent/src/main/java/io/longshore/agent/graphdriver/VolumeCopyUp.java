package io.longshore.agent.graphdriver;

import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_PATH;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.Attributes;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.Listing;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Fills an empty volume with what the image has where the volume will be mounted, as Docker does for anonymous and named volumes: files
 * with owners, modes, times, attributes and hard links, and the directory's own. The copy is made in {@code <volume>.filling} beside the
 * volume, becomes {@code <volume>.filled} when it is whole, and moves in entry by entry: so whatever cuts it off, the volume is empty or
 * gets the rest with the next call. Of a volume that is a mount, which nothing can be moved into, both lie in the volume itself under hidden
 * names. The volume's directory stays the same one, since a container that runs may have it mounted.
 * Thread-safe; on a platform thread, please.
 */
public final class VolumeCopyUp {
    private static final String FILLING = ".filling";
    private static final String FILLED = ".filled";
    /** Copies into different volumes run beside each other; of one volume, one at a time. */
    private static final int LOCKS = 64;

    private final Syscalls syscalls;
    private final GraphDriver driver;
    private final WalkMemory memory;
    private final List<ReentrantLock> locks =
            Stream.generate(ReentrantLock::new).limit(LOCKS).toList();

    /** @param memory for what a copy has to remember of the image */
    public VolumeCopyUp(Syscalls syscalls, GraphDriver driver, WalkMemory memory) {
        this.syscalls = syscalls;
        this.memory = memory;
        this.driver = driver;
    }

    /**
     * Copies. Nothing happens when the volume has anything in it, or when the image has no directory at the path. A copy that fails
     * half-way is undone, so that it can be done again; one that was cut off when it was whole is finished.
     *
     * @param container whose image it is; it must not run yet
     * @param path in the container; symbolic links are followed inside its root
     * @param volume the volume's directory; where that is no mount, it is the agent's own, as the one it lies in
     * @return whether anything was copied
     */
    public boolean copyUp(ContainerId container, String path, Path volume) {
        try (Place place = Place.of(syscalls, volume)) {
            ReentrantLock lock = locks.get(place.lock());
            lock.lock();
            try {
                moveIn(place);
                place.removeHalf();
                return place.home.isEmpty(place.volume) && fill(container, path, place);
            } finally {
                lock.unlock();
            }
        } catch (IOException e) {
            throw LayerRecords.diskFailure(
                    "copying " + path + " of the image of container " + container + " into a volume", e);
        }
    }

    /** Where a volume is filled: it and both directories of the copy are named below {@code home}, on one mount. */
    private record Place(ContainerRoot home, String volume, String filling, String filled) implements AutoCloseable {
        static Place of(Syscalls syscalls, Path volume) throws ErrnoException {
            ContainerRoot above =
                    ContainerRoot.open(syscalls, volume.resolveSibling(".").toString());
            String name = String.valueOf(volume.getFileName());
            try {
                FileStatus own = above.status(name).orElseThrow();
                if (own.mountId() == above.status(".").orElseThrow().mountId()) {
                    return new Place(above, name, name + FILLING, name + FILLED);
                }
            } catch (ErrnoException | RuntimeException e) {
                above.close();
                throw e;
            }
            above.close();
            String hidden = ".longshore";
            return new Place(ContainerRoot.open(syscalls, volume.toString()), ".", hidden + FILLING, hidden + FILLED);
        }

        /** The same for all who have the same volume, which each may have at a place of its own. */
        int lock() throws ErrnoException {
            FileStatus own = home.status(volume).orElseThrow();
            return Math.floorMod(Objects.hash(own.device(), own.inode()), LOCKS);
        }

        /** A copy that was cut off. Looks first: a file system for reading only takes no removal, not even of what is not there. */
        void removeHalf() throws ErrnoException {
            if (home.status(filling).isPresent()) {
                home.remove(filling);
            }
        }

        void apply(Attributes attributes) throws ErrnoException {
            if (volume.equals(".")) {
                home.apply(home.fd(), attributes);
            } else {
                home.apply(volume, attributes);
            }
        }

        @Override
        public void close() {
            home.close();
        }
    }

    private boolean fill(ContainerId container, String path, Place place) throws IOException {
        try (MountedRoot mounted = driver.mount(container)) {
            Fd found;
            try {
                found = mounted.root().open(path, O_PATH | O_DIRECTORY, 0);
            } catch (ErrnoException e) {
                if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP)) {
                    return false;
                }
                throw e;
            }
            try (ContainerRoot source = ContainerRoot.of(syscalls, found)) {
                copyWhole(source, place.home, place.filling);
            }
        }
        place.home.rename(place.filling, place.filled);
        moveIn(place);
        return true;
    }

    private void copyWhole(ContainerRoot source, ContainerRoot home, String copy) throws IOException {
        home.remove(copy);
        try {
            home.directory(copy, Attributes.ofMode(0700));
            try (WalkMemory.Share share = memory.share();
                    ContainerRoot target = ContainerRoot.of(syscalls, home.open(copy, O_PATH | O_DIRECTORY, 0))) {
                new TreeCopy(syscalls, share).copy(source, target);
            }
        } catch (IOException | RuntimeException e) {
            home.remove(copy);
            throw e;
        }
    }

    /** Moves a whole copy into its volume; nothing happens when there is none. */
    private void moveIn(Place place) throws IOException {
        ContainerRoot home = place.home;
        Optional<FileStatus> filled = home.status(place.filled);
        if (filled.isEmpty()) {
            return;
        }
        try (ContainerRoot copy = ContainerRoot.of(syscalls, home.open(place.filled, O_PATH | O_DIRECTORY, 0))) {
            try (WalkMemory.Share share = memory.share();
                    Listing listing = copy.list("", share)) {
                for (List<String> run = listing.next(); !run.isEmpty(); run = listing.next()) {
                    moveIn(place, run);
                }
            }
            place.apply(TreeCopy.attributes(copy, ".", filled.get()));
        }
        home.remove(place.filled);
    }

    private static void moveIn(Place place, List<String> names) throws ErrnoException {
        for (String name : names) {
            try {
                place.home.rename(place.filled + "/" + name, place.volume + "/" + name);
            } catch (ErrnoException e) {
                if (!e.is(Errno.EEXIST)) {
                    throw e;
                }
                // A container that has the volume mounted made it meanwhile: that one counts.
            }
        }
    }
}
