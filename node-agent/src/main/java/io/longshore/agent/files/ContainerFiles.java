package io.longshore.agent.files;

import static io.longshore.agent.linux.OpenFlags.AT_EMPTY_PATH;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_PATH;

import io.longshore.agent.account.Identity;
import io.longshore.agent.account.UserLookup;
import io.longshore.agent.container.Containers;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.MountedRoot;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.Places;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.agent.volumedriver.VolumeDrivers;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.agent.PathStat;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.oci.tar.TarLimits;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Copies into containers and out of them. Whether a container runs or not, paths mean what they mean in it, and nothing of it is executed
 * or can lead out of its root. Thread-safe; the work is done on threads of its own.
 */
public final class ContainerFiles implements AutoCloseable {
    /** For a look: the trees of a machine that may be busy, three at most, each of which has a minute, and some calls. */
    private static final Duration LONGEST_LOOK = Duration.ofMinutes(4);
    /** A copy into a container ends with the request's time. Its lock is not given back before, unless a disk hangs for so long. */
    private static final Duration LONGEST_END = Duration.ofHours(1);

    /** Looks and openings: short, but for a disk that hangs, and then a container's own few places hang with it. */
    private final NativePool looks = new NativePool("files", 32, 1024);

    private final Places lookPlaces = new Places("file", 2, 256);
    /** Streams last as long as their clients take: as many at once, and no more wait. */
    private final NativePool copies = new NativePool("copy", 64, 64);

    private final Places copyPlaces = new Places("copy", 4, 64);

    private static final int BUFFER = 64 << 10;

    private final Syscalls syscalls;
    private final Containers containers;
    private final GraphDriver graph;
    private final Views views;
    private final WalkMemory memory;
    private final Duration stall;

    /**
     * @param memory for what copies have to remember
     * @param stall how long a client may take nothing, or send next to nothing, before it is cut off
     */
    public ContainerFiles(
            Syscalls syscalls,
            Containers containers,
            GraphDriver graph,
            VolumeDrivers volumes,
            WalkMemory memory,
            Duration stall) {
        this.syscalls = syscalls;
        this.memory = memory;
        this.stall = stall;
        this.containers = containers;
        this.graph = graph;
        this.views = new Views(containers, graph, volumes, new PrivateTree(syscalls));
    }

    /** What writes an archive, once; whoever has one streams it or closes it. */
    public final class Archive implements AutoCloseable {
        private final ContainerId id;
        private final AutoCloseable source;
        private final Writer writer;
        private final AtomicBoolean used = new AtomicBoolean();

        private Archive(ContainerId id, AutoCloseable source, Writer writer) {
            this.id = id;
            this.source = source;
            this.writer = writer;
        }

        /**
         * Writes all of it. What is missing at a failure the reader sees cut off; it fails when the reader takes nothing for long, and the
         * caller closes {@code out}.
         */
        public void writeTo(OutputStream out, Caller caller) throws IOException {
            try {
                stream(caller, id, out, client -> {
                    if (used.compareAndSet(false, true)) {
                        try {
                            writer.write(client);
                        } finally {
                            release();
                        }
                    }
                });
            } finally {
                close();
            }
        }

        /** Of no effect once it is being written. */
        @Override
        public void close() {
            if (used.compareAndSet(false, true)) {
                release();
            }
        }

        private void release() {
            try {
                source.close();
            } catch (Exception e) {
                throw new IllegalStateException("closing descriptors does not fail", e);
            }
        }
    }

    /** Writes an archive's bytes. */
    private interface Writer {
        void write(OutputStream out) throws IOException;
    }

    /** An archive of a file, and what is told of that before. */
    public record Copy(PathStat stat, Archive archive) {}

    /** See {@code AgentFilesApi.stat}. */
    public PathStat stat(Caller caller, ContainerId id, String path) {
        FilePath file = FilePath.parse(path);
        Views.Use<PathStat> look = root -> {
            try (Fd opened = find(root, id, file)) {
                return stat(root, opened, file);
            }
        };
        return look(caller, id, calls -> views.read(caller, id, calls, look, late -> {}));
    }

    /** See {@code AgentPaths.archive}, GET. */
    public Copy copy(Caller caller, ContainerId id, String path) {
        FilePath file = FilePath.parse(path);
        Views.Use<Copy> opening = root -> {
            try (Fd opened = find(root, id, file)) {
                PathStat stat = stat(root, opened, file);
                boolean directory = syscalls.statx(opened, "", AT_EMPTY_PATH).isDirectory();
                // Opened now, so that what is sent is what was told of.
                ContainerRoot at = ContainerRoot.of(
                        syscalls,
                        directory
                                ? root.open(file.absolute(), O_PATH | O_DIRECTORY | O_NOFOLLOW, 0)
                                : root.open(file.above(), O_PATH | O_DIRECTORY, 0));
                String name = directory ? "." : file.name();
                // As in Docker the names in an archive of the root begin with the slash.
                String archived = file.name().equals("/") ? "" : file.name();
                Writer writer = out -> TreeArchive.write(syscalls, at, name, archived, out, memory);
                return new Copy(stat, new Archive(id, at, writer));
            }
        };
        return look(
                caller,
                id,
                calls -> views.read(
                        caller, id, calls, opening, late -> late.archive().close()));
    }

    /** See {@code AgentPaths.export}. */
    public Archive export(Caller caller, ContainerId id) {
        containers.spec(id);
        return look(
                caller,
                id,
                calls -> calls.call(
                        () -> {
                            MountedRoot mounted = graph.mount(id);
                            Writer writer = out -> TreeArchive.writeContent(syscalls, mounted.root(), out, memory);
                            return new Archive(id, mounted, writer);
                        },
                        Archive::close));
    }

    /**
     * Tells the changes, in Docker's JSON; see {@code GraphDriver.changes}. It fails when the reader takes nothing for long, and the caller
     * closes {@code out}.
     */
    public void changes(Caller caller, ContainerId id, OutputStream out) throws IOException {
        stream(caller, id, out, client -> {
            ChangeList list = new ChangeList(client);
            graph.changes(id, list);
            list.end();
        });
    }

    /** Writes to a client on a thread that may be held up by the disk, and for so long as the client takes what is written. */
    private void stream(Caller caller, ContainerId id, OutputStream out, Writer writer) throws IOException {
        try (Places.Place place = copyPlaces.take(id, caller.remaining());
                StallWatch watch = StallWatch.start(out, stall)) {
            NativePool.Work<Boolean> work = () -> {
                BufferedOutputStream buffered = new BufferedOutputStream(watch.output(), BUFFER);
                writer.write(buffered);
                buffered.flush();
                return true;
            };
            try {
                copies.call(place.keeping(work), caller.remaining());
            } catch (InterruptedIOException e) {
                throw watch.hasCut()
                        ? new IOException("the client took nothing for " + stall.toSeconds() + " s and is cut off", e)
                        : e;
            }
        }
    }

    /** The container is known; {@code NOT_FOUND}. */
    public void require(ContainerId id) {
        containers.spec(id);
    }

    /**
     * Extracts an archive; see {@code AgentPaths.archive}, PUT.
     *
     * @param keepKinds the client's noOverwriteDirNonDir
     * @param ownUser the client's copyUIDGID: everything becomes the container's user's
     */
    public void extract(
            Caller caller, ContainerId id, String path, boolean keepKinds, boolean ownUser, InputStream archive) {
        FilePath destination = FilePath.parse(path);
        BodyPipe body = new BodyPipe(stall, caller.remaining());
        CompletableFuture<Void> extracted = CompletableFuture.runAsync(
                () -> {
                    try (body) {
                        extract(caller, id, body.input(), destination, keepKinds, ownUser);
                    }
                },
                Thread::startVirtualThread);
        try {
            body.carry(archive);
            extracted.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted while an archive was extracted", e);
        } catch (CompletionException e) {
            throw e.getCause() instanceof Failure failure ? failure : e;
        }
    }

    private void extract(
            Caller caller, ContainerId id, InputStream body, FilePath destination, boolean keepKinds, boolean ownUser) {
        Views.Use<Boolean> extraction = root -> {
            ContainerSpec spec = containers.spec(id);
            checkDestination(root, spec, destination);
            String user = spec.process().user();
            Extraction.Owner owner = ownUser && !user.isEmpty() ? owner(root, user) : null;
            try (WalkMemory.Share share = memory.share()) {
                var options = new Extraction.Options(keepKinds, owner);
                new Extraction(syscalls, root, destination, options, share).extract(body, TarLimits.DEFAULT);
            }
            return true;
        };
        try (Places.Place place = copyPlaces.take(id, caller.remaining())) {
            views.write(caller, id, calls(copies, place, caller.remaining().plus(LONGEST_END)), extraction);
        } catch (IOException e) {
            throw failure("copying into", id, e);
        }
    }

    /** The numbers of the container's user, by its own lists, which are parsed here: nothing of the container is asked (CVE-2019-14271). */
    private Extraction.Owner owner(ContainerRoot root, String user) throws IOException {
        Identity who = UserLookup.find(syscalls, root, user, List.of());
        return new Extraction.Owner(who.uid(), who.gid());
    }

    private static Views.Calls calls(NativePool pool, Places.Place place, Duration limit) {
        return new Views.Calls() {
            @Override
            public <T> T call(NativePool.Work<T> work, Consumer<? super T> discard) throws IOException {
                return pool.call(place.keeping(work), limit, discard);
            }
        };
    }

    private void checkDestination(ContainerRoot root, ContainerSpec spec, FilePath path) throws IOException {
        Fd opened;
        try {
            opened = root.open(path.absolute(), O_PATH, 0);
        } catch (ErrnoException e) {
            throw notFound(spec.id(), path, e);
        }
        try (Fd directory = opened) {
            FileStatus status = syscalls.statx(directory, "", AT_EMPTY_PATH);
            if (!status.isDirectory()) {
                throw new Failure.Invalid("extraction point is not a directory");
            }
            String place = root.locate(directory).orElse(path.absolute());
            Optional<Mount> mount = spec.mounts().stream()
                    .filter(one ->
                            isWithin(place, FilePath.parse(one.destination()).absolute()))
                    .max(Comparator.comparingInt(one -> one.destination().length()));
            if (mount.isPresent() && mount.get().readOnly()) {
                throw new Failure.Forbidden("mounted volume is marked read-only");
            }
            boolean onRoot = status.mountId() == root.status(".").orElseThrow().mountId();
            if (onRoot && spec.readOnlyRoot()) {
                throw new Failure.Forbidden("container rootfs is marked read-only");
            }
        }
    }

    private static boolean isWithin(String place, String directory) {
        return place.equals(directory) || place.startsWith(directory.endsWith("/") ? directory : directory + "/");
    }

    private static Fd find(ContainerRoot root, ContainerId id, FilePath file) throws IOException {
        try {
            return root.open(file.absolute(), O_PATH | O_NOFOLLOW, 0);
        } catch (ErrnoException e) {
            throw notFound(id, file, e);
        }
    }

    private static Failure notFound(ContainerId id, FilePath file, ErrnoException e) {
        boolean wantsDirectory = file.absolute().endsWith("/") || file.name().equals(".");
        return switch (e.errno()) {
            case ENOENT -> new Failure.NotFound("Could not find the file " + file + " in container " + id, e);
            case ENOTDIR ->
                wantsDirectory
                        ? new Failure.Invalid(file + " in container " + id + " is not a directory", e)
                        : new Failure.NotFound("Could not find the file " + file + " in container " + id, e);
            case ELOOP, ENAMETOOLONG, EINVAL ->
                new Failure.Invalid("cannot look up " + file + " in container " + id + ": " + e.getMessage(), e);
            default ->
                new Failure.Internal("cannot look up " + file + " in container " + id + ": " + e.getMessage(), e);
        };
    }

    private PathStat stat(ContainerRoot root, Fd opened, FilePath file) throws IOException {
        FileStatus status = syscalls.statx(opened, "", AT_EMPTY_PATH);
        return new PathStat(
                file.name(),
                status.size(),
                FileMode.of(status),
                status.modified(),
                status.isSymlink() ? linkTarget(root, file) : "");
    }

    /** Where a link leads in the end, or as far as it leads anywhere. */
    private static String linkTarget(ContainerRoot root, FilePath file) throws IOException {
        try (Fd end = root.open(file.absolute(), O_PATH, 0)) {
            Optional<String> place = root.locate(end);
            if (place.isPresent()) {
                return place.get();
            }
        } catch (ErrnoException e) {
            if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR) && !e.is(Errno.ELOOP)) {
                throw e;
            }
        }
        String target = root.target(file.absolute());
        return FilePath.parse(target.startsWith("/") ? target : file.above() + target)
                .absolute();
    }

    /** What is done by calls that have a place. */
    private interface Look<T> {
        T by(Views.Calls calls) throws IOException;
    }

    private <T> T look(Caller caller, ContainerId id, Look<T> look) {
        Duration left = caller.remaining();
        try (Places.Place place = lookPlaces.take(id, left)) {
            return look.by(calls(looks, place, left.compareTo(LONGEST_LOOK) < 0 ? left : LONGEST_LOOK));
        } catch (IOException e) {
            throw failure("looking into", id, e);
        }
    }

    private static Failure failure(String what, ContainerId id, IOException e) {
        return new Failure.Internal(what + " container " + id.shortForm() + ": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        looks.close();
        copies.close();
    }
}
