package io.longshore.agent.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.Specs;
import io.longshore.agent.TestNetworks;
import io.longshore.agent.execdriver.simulated.SimulatedExecDriver;
import io.longshore.agent.link.Links;
import io.longshore.agent.networkdriver.Endpoint;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.Publication;
import io.longshore.agent.state.StateStore;
import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.agent.volumedriver.VolumeDrivers;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.web.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AssemblyTest {
    @TempDir
    private Path directory;

    private final List<String> steps = new ArrayList<>();
    private boolean networkFails;

    @Test
    void aFailedStartIsUndoneInReverse() {
        networkFails = true;
        ContainerSpec spec =
                Specs.of(List.of(), "true").withVolume("data", "/data").spec(ContainerId.random());
        assertThatThrownBy(() -> assembly(spec).start(spec, (id, exit) -> {}, () -> steps.add("before it runs")))
                .isInstanceOf(Failure.Internal.class)
                .hasMessage("no network today");
        assertThat(steps).containsExactly("mount data", "join", "leave", "unmount data");
    }

    @Test
    void aCommandThatCannotRunIsUndoneToo() {
        ContainerSpec spec =
                Specs.of(List.of(), "nonexistent").withVolume("data", "/data").spec(ContainerId.random());
        assertThatThrownBy(() -> assembly(spec).start(spec, (id, exit) -> {}, () -> steps.add("before it runs")))
                .isInstanceOf(Failure.Invalid.class);
        assertThat(steps).containsExactly("mount data", "join", "before it runs", "leave", "unmount data");
    }

    @Test
    void releaseGivesAllBack() {
        ContainerSpec spec =
                Specs.of(List.of(), "sleep", "60").withVolume("data", "/data").spec(ContainerId.random());
        Assembly assembly = assembly(spec);
        assembly.start(spec, (id, exit) -> {}, () -> {});
        assembly.release(spec);
        assertThat(steps).containsExactly("mount data", "join", "leave", "unmount data");
    }

    private Assembly assembly(ContainerSpec spec) {
        StateStore store = new StateStore(directory, Json.mapper());
        store.create(spec);
        Drivers drivers = new Drivers(
                Map.of("longshore", new SimulatedExecDriver()),
                TestNetworks.of(directory, new RecordingNetwork()),
                VolumeDrivers.of(new RecordingVolumes()),
                new MemoryRoots());
        return new Assembly(
                drivers,
                store,
                new NetworkFiles(Path.of("/etc")),
                new Links(new Neighbours(Map.of(), container -> {})));
    }

    private final class RecordingNetwork implements NetworkDriver {
        @Override
        public String name() {
            return "null";
        }

        @Override
        public Place place() {
            return Place.SANDBOX;
        }

        @Override
        public void create(NetworkSpec network) {}

        @Override
        public void remove(String network) {}

        @Override
        public void join(Endpoint endpoint) {
            steps.add("join");
            if (networkFails) {
                throw new Failure.Internal("no network today");
            }
        }

        @Override
        public void leave(Endpoint endpoint) {
            steps.add("leave");
        }

        @Override
        public List<PublishedPort> publish(Publication publication) {
            return List.of();
        }

        @Override
        public void unpublish(ContainerId container) {}

        @Override
        public void sweep(Collection<Endpoint> known) {}
    }

    private final class RecordingVolumes implements VolumeDriver {
        @Override
        public String name() {
            return "local";
        }

        @Override
        public void create(VolumeName volume, Map<String, String> options) {
            steps.add("create " + volume);
        }

        @Override
        public void remove(VolumeName volume) {
            steps.add("remove " + volume);
        }

        @Override
        public Path mount(VolumeName volume, ContainerId container) {
            steps.add("mount " + volume);
            return directory;
        }

        @Override
        public void unmount(VolumeName volume, ContainerId container) {
            steps.add("unmount " + volume);
        }

        @Override
        public long bytes(VolumeName volume, Duration limit) {
            return 0;
        }

        @Override
        public List<VolumeName> list() {
            return List.of();
        }
    }
}
