package io.longshore.agent;

import io.longshore.agent.container.RootFileSystems;
import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.VolumeCopyUp;
import io.longshore.agent.linux.NativePool;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/** Gives containers what the graph driver has, on threads that may call the kernel for long. */
final class GraphRoots implements RootFileSystems {
    /** Removing a large tree or copying one up may take minutes on a slow disk. */
    private static final Duration LONG = Duration.ofMinutes(10);

    private final GraphDriver driver;
    private final VolumeCopyUp copyUp;
    private final NativePool calls;
    private final NativePool removals;
    private final NativePool fillings;

    /**
     * Over a driver.
     *
     * @param removals where trees are deleted: nobody who makes a container waits behind that
     * @param fillings where volumes are filled, whose file systems may be strangers' and hang
     */
    GraphRoots(GraphDriver driver, VolumeCopyUp copyUp, NativePool calls, NativePool removals, NativePool fillings) {
        this.driver = driver;
        this.copyUp = copyUp;
        this.calls = calls;
        this.removals = removals;
        this.fillings = fillings;
    }

    @Override
    public RootFs prepare(ContainerSpec spec) {
        return call(
                calls,
                "make the root of container " + spec.id().shortForm(),
                () -> driver.create(spec.id(), spec.image().diffIds()));
    }

    @Override
    public void copyUp(ContainerSpec spec, String destination, Path volume) {
        call(
                fillings,
                "fill a volume of container " + spec.id().shortForm(),
                () -> Files.isDirectory(volume) && copyUp.copyUp(spec.id(), destination, volume));
    }

    @Override
    public void remove(ContainerId id) {
        call(removals, "remove the root of container " + id.shortForm(), () -> {
            driver.remove(id);
            return id;
        });
    }

    @Override
    public Set<ContainerId> held() {
        return Set.copyOf(driver.containers());
    }

    private static <T> T call(NativePool pool, String what, NativePool.Work<T> work) {
        try {
            return pool.call(work, LONG);
        } catch (IOException e) {
            throw new Failure.Internal("cannot " + what + ": " + e.getMessage(), e);
        }
    }
}
