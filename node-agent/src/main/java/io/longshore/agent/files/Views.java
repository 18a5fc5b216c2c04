package io.longshore.agent.files;

import io.longshore.agent.container.Containers;
import io.longshore.agent.files.PrivateTree.Access;
import io.longshore.agent.files.PrivateTree.Joined;
import io.longshore.agent.files.PrivateTree.MissingMountPoint;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.HostDirectory;
import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.agent.volumedriver.VolumeDrivers;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A container's files, as the container sees them: of one that runs, the root of its process with all that is mounted there; of one that
 * does not, its layers with its volumes. Thread-safe; the caller may be a virtual thread.
 */
final class Views {
    private final Containers containers;
    private final GraphDriver graph;
    private final VolumeDrivers volumes;
    private final PrivateTree trees;

    Views(Containers containers, GraphDriver graph, VolumeDrivers volumes, PrivateTree trees) {
        this.containers = containers;
        this.graph = graph;
        this.volumes = volumes;
        this.trees = trees;
    }

    /** What is done with a root. */
    interface Use<T> {
        T with(ContainerRoot root) throws IOException;
    }

    /** Where the work on files is done; the caller waits. */
    interface Calls {
        /** @param discard closes what comes when nobody waits for it any more */
        <T> T call(NativePool.Work<T> work, Consumer<? super T> discard) throws IOException;
    }

    /**
     * For a look, which is short: the container neither starts nor ends meanwhile if it does not run. What is opened in it stays good, and
     * shows what was there when it was opened.
     *
     * @param calls for each step; never while the container's lock is waited for
     * @param discard closes a result that nobody waits for any more
     */
    <T> T read(Caller caller, ContainerId id, Calls calls, Use<T> use, Consumer<? super T> discard) throws IOException {
        Consumer<Optional<T>> discardFound = found -> found.ifPresent(discard);
        Optional<T> running = calls.call(() -> inRunning(id, use), discardFound);
        if (running.isPresent()) {
            return running.get();
        }
        return undisturbed(
                caller,
                id,
                () -> calls.call(
                        () -> {
                            Optional<T> started = inRunning(id, use);
                            return started.isPresent() ? started.get() : inStopped(id, use);
                        },
                        discard));
    }

    private <T> Optional<T> inRunning(ContainerId id, Use<T> use) throws IOException {
        Optional<ContainerRoot> running = containers.root(id);
        if (running.isEmpty()) {
            return Optional.empty();
        }
        try (ContainerRoot root = running.get()) {
            return Optional.of(use.with(root));
        }
    }

    private <T> T inStopped(ContainerId id, Use<T> use) throws IOException {
        try (ContainerRoot root = stopped(containers.spec(id))) {
            return use.with(root);
        }
    }

    private ContainerRoot stopped(ContainerSpec spec) throws IOException {
        try {
            return open(spec, Access.READ);
        } catch (MissingMountPoint e) {
            open(spec, Access.WRITE).close();
            return open(spec, Access.READ);
        }
    }

    /**
     * For writing. A container that does not run cannot be started before the end.
     *
     * @param calls for each step; never while the container's lock is waited for
     */
    <T> T write(Caller caller, ContainerId id, Calls calls, Use<T> use) throws IOException {
        Optional<T> running = calls.call(() -> inRunning(id, use), late -> {});
        if (running.isPresent()) {
            return running.get();
        }
        Optional<T> done = undisturbed(
                caller,
                id,
                () -> calls.call(
                        () -> {
                            if (runs(id)) {
                                return Optional.empty();
                            }
                            try (ContainerRoot root = writable(containers.spec(id))) {
                                return Optional.of(use.with(root));
                            }
                        },
                        late -> {}));
        if (done.isEmpty()) {
            done = calls.call(() -> inRunning(id, use), late -> {});
        }
        return done.orElseThrow(
                () -> new Failure.Conflict("container " + id.shortForm() + " is being started or has just ended"));
    }

    private boolean runs(ContainerId id) {
        Optional<ContainerRoot> running = containers.root(id);
        running.ifPresent(ContainerRoot::close);
        return running.isPresent();
    }

    private ContainerRoot writable(ContainerSpec spec) throws IOException {
        if (!spec.readOnlyRoot()) {
            return open(spec, Access.WRITE);
        }
        try {
            return open(spec, Access.WRITE_BELOW);
        } catch (MissingMountPoint e) {
            open(spec, Access.WRITE).close();
            return open(spec, Access.WRITE_BELOW);
        }
    }

    private ContainerRoot open(ContainerSpec spec, Access access) throws IOException {
        List<Mount> held = new ArrayList<>();
        // Not in the container's name, which lets go of what it holds when it ends.
        ContainerId holder = ContainerId.random();
        try {
            List<Joined> joined = new ArrayList<>();
            for (Mount mount : spec.mounts()) {
                if (mount.kind() == Mount.Kind.VOLUME) {
                    held.add(mount);
                    String directory =
                            driver(mount).mount(volume(mount), holder).toString();
                    String part = mount.volume().subpath();
                    joined.add(new Joined(directory, part, mount.destination(), mount.readOnly(), true));
                } else if (mount.kind() == Mount.Kind.BIND) {
                    if (mount.bind().make()) {
                        HostDirectory.make(Path.of(mount.source()));
                    }
                    joined.add(new Joined(
                            mount.source(),
                            "",
                            mount.destination(),
                            mount.readOnly(),
                            mount.bind().recursive()));
                }
            }
            return trees.open(graph.rootfs(spec.id()), joined, access);
        } finally {
            held.forEach(mount -> driver(mount).unmount(volume(mount), holder));
        }
    }

    private VolumeDriver driver(Mount mount) {
        return volumes.named(mount.volume().driver());
    }

    private static VolumeName volume(Mount mount) {
        return VolumeName.parse(mount.source());
    }

    private <T> T undisturbed(Caller caller, ContainerId id, NativePool.Work<T> work) throws IOException {
        try {
            return containers.undisturbed(caller, id, () -> {
                try {
                    return work.run();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
