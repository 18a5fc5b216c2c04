package io.longshore.agent.container;

import io.longshore.agent.execdriver.ExitListener;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.Recovery;
import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.link.LinkedContainer;
import io.longshore.agent.link.Links;
import io.longshore.agent.sandbox.Sandboxes;
import io.longshore.agent.state.StateStore;
import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The order in which the drivers make a container and take it apart: layers, volumes, sandbox and endpoint, process; and back. */
final class Assembly {
    private static final Logger LOG = LoggerFactory.getLogger(Assembly.class);

    /** Between two looks whether a plugin has begun. */
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Drivers drivers;
    private final StateStore store;
    private final NetworkFiles networkFiles;
    private final Links links;
    /** Containers with a volume that could not be mounted to be filled. */
    private final Set<ContainerId> unfilled = ConcurrentHashMap.newKeySet();

    Assembly(Drivers drivers, StateStore store, NetworkFiles networkFiles, Links links) {
        this.links = links;
        this.drivers = drivers;
        this.store = store;
        this.networkFiles = networkFiles;
    }

    /** Makes what a container has before its first start: its writable layer, and the first content of its volumes. */
    void create(ContainerSpec spec) {
        drivers.exec(spec);
        drivers.roots().prepare(spec);
        fill(spec);
    }

    /**
     * Gives volumes their first content. A volume that cannot be mounted is left for the start, which says why: a client that attaches first
     * is not to hear it in place of the one that starts.
     */
    private void fill(ContainerSpec spec) {
        unfilled.remove(spec.id());
        for (Mount mount : volumes(spec)) {
            if (mount.copyUp() && !fill(spec, mount)) {
                unfilled.add(spec.id());
            }
        }
    }

    /** A process, and what is published of its container. */
    record Started(Running running, List<PublishedPort> published) {}

    /**
     * Makes a process run.
     *
     * @param beforeItRuns is called when output can be subscribed to and none has been written
     */
    Started start(ContainerSpec spec, ExitListener<ContainerId> listener, Runnable beforeItRuns) {
        try (Undo undo = new Undo()) {
            List<LinkedContainer> linked = links.required(spec);
            RootFs root = drivers.roots().prepare(spec);
            Map<String, String> volumes = mount(spec, undo::onFailure);
            undo.onFailure(() -> drivers.networks().leave(spec.id()));
            Sandboxes.Joined joined = drivers.networks().join(spec);
            Launch launch = new Launch(Links.told(spec, linked), root, volumes, joined.sandbox(), directory(spec));
            if (unfilled.contains(spec.id())) {
                fill(spec);
            }
            writeFiles(spec, linked);
            drivers.exec(spec).create(launch, listener);
            undo.onFailure(() -> drivers.exec(spec).destroy(spec.id()));
            beforeItRuns.run();
            Running running = drivers.exec(spec).start(spec.id());
            undo.done();
            return new Started(running, joined.published());
        }
    }

    /** Finds a process again that an earlier life of the agent started. */
    Recovery recover(ContainerSpec spec, ExitListener<ContainerId> listener) {
        RootFs root = drivers.roots().prepare(spec);
        // Nothing is unmounted where it cannot be found: it may still run, and a plugin would take a disk from under
        // it.
        Map<String, String> volumes = mount(spec, undo -> {});
        Launch launch = new Launch(spec, root, volumes, drivers.networks().remembered(spec), directory(spec));
        return drivers.exec(spec).recover(launch, listener);
    }

    /** Takes up the network of a container that was found running; what is published of it. */
    List<PublishedPort> resume(ContainerSpec spec, int pid) {
        List<PublishedPort> published = drivers.networks().resume(spec, pid);
        List<InetAddress> own = NetworkConnections.addresses(spec.network());
        if (!own.isEmpty()) {
            // The agent may have died between an endpoint and its line.
            networkFiles.connect(
                    spec, store.directory(spec.id()), NetworkConnections.of(spec.network(), List.of()), own);
        }
        return published;
    }

    /** Those of the container whose network it shares, if it does. */
    private void writeFiles(ContainerSpec spec, List<LinkedContainer> linked) {
        ContainerId joined = spec.network().joined();
        Path other = joined == null ? null : store.directory(joined);
        // One that never ran has none, and its network cannot be joined either, which the exec driver says in Docker's
        // words.
        if (other == null || !Files.exists(other.resolve("hosts"))) {
            networkFiles.write(spec, store.directory(spec.id()), NetworkConnections.of(spec.network(), linked));
        } else {
            networkFiles.copy(other, store.directory(spec.id()));
        }
    }

    /** Changes the endpoints of a container that runs to those of this specification; what is published of it then. */
    List<PublishedPort> reconnect(ContainerSpec before, ContainerSpec spec) {
        List<PublishedPort> published = drivers.networks().change(spec);
        List<InetAddress> had = NetworkConnections.addresses(before.network());
        List<InetAddress> has = NetworkConnections.addresses(spec.network());
        Path directory = store.directory(spec.id());
        networkFiles.disconnect(spec, directory, without(had, has));
        networkFiles.connect(spec, directory, NetworkConnections.of(spec.network(), List.of()), without(has, had));
        networkFiles.unlink(
                spec, directory, without(Links.hosts(links.present(before)), Links.hosts(links.present(spec))));
        return published;
    }

    /** Whom a running container is linked to may have another address since its start. */
    void relink(ContainerSpec spec) {
        networkFiles.link(spec, store.directory(spec.id()), Links.hosts(links.present(spec)));
    }

    private static <T> List<T> without(List<T> some, List<T> others) {
        return some.stream().filter(one -> !others.contains(one)).toList();
    }

    /**
     * All that runs has been taken up: what else there is of networks is left of a crash, and so are volumes of who is no container.
     *
     * @param containers all that there are
     */
    void sweep(Set<ContainerId> containers) {
        drivers.networks().sweep();
        drivers.volumes().holders().stream()
                .filter(holder -> !containers.contains(holder))
                .forEach(holder -> drivers.volumes().release(holder));
    }

    /** Whether the processes of one that runs are frozen. */
    boolean isFrozen(ContainerSpec spec) {
        return drivers.exec(spec).controls().isFrozen(spec.id());
    }

    /** The containers that hold anything of what a running one holds, whether they run or not. */
    Set<ContainerId> held() {
        Set<ContainerId> held = new HashSet<>();
        drivers.execs().forEach(driver -> held.addAll(driver.held()));
        held.addAll(drivers.networks().held());
        held.addAll(drivers.volumes().holders());
        return held;
    }

    /** The containers that have a writable layer. */
    Set<ContainerId> withRoot() {
        return drivers.roots().held();
    }

    /** Gives back what a container held while it ran. */
    void release(ContainerSpec spec) {
        drivers.exec(spec).destroy(spec.id());
        drivers.networks().leave(spec.id());
        for (Mount mount : volumes(spec)) {
            // Where there is no such driver any more there is nothing of it either.
            drivers.volumes()
                    .find(mount.volume().driver())
                    .ifPresent(driver -> driver.unmount(VolumeName.parse(mount.source()), spec.id()));
        }
    }

    /** Removes the writable layer. */
    void removeRoot(ContainerId id) {
        unfilled.remove(id);
        drivers.roots().remove(id);
    }

    /** Takes away all that a container has but its volumes. Its specification need not be known. */
    void remove(ContainerId id) {
        drivers.execs().forEach(driver -> driver.destroy(id));
        drivers.networks().leave(id);
        drivers.volumes().release(id);
        removeRoot(id);
    }

    private String directory(ContainerSpec spec) {
        return store.directory(spec.id()).toString();
    }

    private Map<String, String> mount(ContainerSpec spec, Consumer<Runnable> onFailure) {
        Map<String, String> directories = new HashMap<>();
        for (Mount mount : volumes(spec)) {
            VolumeName volume = VolumeName.parse(mount.source());
            VolumeDriver driver = driver(mount);
            onFailure.accept(() -> driver.unmount(volume, spec.id()));
            directories.put(mount.destination(), driver.mount(volume, spec.id()).toString());
        }
        return directories;
    }

    /** Waits until the drivers of its volumes can be reached, so long at most: after a restart of the machine plugins begin when they do. */
    void awaitVolumes(ContainerSpec spec, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!volumes(spec).stream().allMatch(this::ready) && System.nanoTime() < end) {
            Thread.sleep(LOOK);
        }
    }

    private boolean ready(Mount mount) {
        return drivers.volumes()
                .find(mount.volume().driver())
                .filter(VolumeDriver::ready)
                .isPresent();
    }

    /** Whether it could be mounted. */
    private boolean fill(ContainerSpec spec, Mount mount) {
        VolumeName volume = VolumeName.parse(mount.source());
        // Not in the container's name, which lets go of what it holds when it ends.
        ContainerId holder = ContainerId.random();
        Path directory;
        try {
            directory = driver(mount).mount(volume, holder);
        } catch (Failure.Internal e) {
            LOG.info(
                    "volume {} is not filled for container {} yet: {}",
                    volume,
                    spec.id().shortForm(),
                    e.text());
            return false;
        }
        try {
            drivers.roots().copyUp(spec, mount.destination(), directory);
        } finally {
            driver(mount).unmount(volume, holder);
        }
        return true;
    }

    private VolumeDriver driver(Mount mount) {
        return drivers.volumes().named(mount.volume().driver());
    }

    private static List<Mount> volumes(ContainerSpec spec) {
        return spec.mounts().stream()
                .filter(mount -> mount.kind() == Mount.Kind.VOLUME)
                .toList();
    }
}
