package io.longshore.agent.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.Specs;
import io.longshore.agent.TestNetworks;
import io.longshore.agent.container.Containers;
import io.longshore.agent.container.Drivers;
import io.longshore.agent.container.RootFileSystems;
import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.execdriver.simulated.SimulatedExecDriver;
import io.longshore.agent.feed.ChangesFeed;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.simulated.SimulatedGraphDriver;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.agent.state.Epochs;
import io.longshore.agent.state.StateStore;
import io.longshore.agent.volumedriver.VolumeDrivers;
import io.longshore.agent.volumedriver.simulated.SimulatedVolumeDriver;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ApplyRequest;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.oci.tar.TarHeader;
import io.longshore.oci.tar.TarLimits;
import io.longshore.oci.tar.TarWriter;
import io.longshore.platform.web.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Containers that do not run, in plain directories: who may keep whom waiting. */
@Timeout(60)
class ContainerFilesTest {
    private static final Duration STALL = Duration.ofSeconds(2);

    @TempDir
    Path work;

    private final JnaSyscalls syscalls = new JnaSyscalls();
    private final SimulatedExecDriver exec = new SimulatedExecDriver();
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();

    @SuppressWarnings("NullAway.Init")
    private Containers containers;

    @SuppressWarnings("NullAway.Init")
    private ContainerFiles files;

    @BeforeEach
    void open() throws IOException {
        WalkMemory memory = WalkMemory.ofHeap();
        GraphDriver graph = SimulatedGraphDriver.open(syscalls, work, TarLimits.DEFAULT, memory);
        VolumeDrivers volumes = VolumeDrivers.of(new SimulatedVolumeDriver(work.resolve("volumes")));
        Drivers drivers = new Drivers(
                Map.of("longshore", exec), TestNetworks.simulated(work.resolve("run")), volumes, new Roots(graph));
        containers = new Containers(
                drivers,
                new StateStore(work.resolve("containers"), Json.mapper()),
                new Epochs(work.resolve("epoch")),
                new ChangesFeed(Clock.systemUTC()),
                Path.of("/etc"),
                "boot");
        files = new ContainerFiles(syscalls, containers, graph, volumes, memory, STALL);
    }

    @AfterEach
    void close() {
        clients.shutdownNow();
        files.close();
        containers.close();
        exec.close();
    }

    private record Roots(GraphDriver graph) implements RootFileSystems {
        @Override
        public RootFs prepare(ContainerSpec spec) {
            return graph.create(spec.id(), List.of());
        }

        @Override
        public void copyUp(ContainerSpec spec, String destination, Path volume) {
            throw new IllegalStateException("there are no volumes here");
        }

        @Override
        public void remove(ContainerId id) {
            graph.remove(id);
        }

        @Override
        public Set<ContainerId> held() {
            return Set.copyOf(graph.containers());
        }
    }

    private static Caller caller() {
        return new Caller("test", "default", Instant.now().plusSeconds(50), "0".repeat(32));
    }

    private ContainerId created() {
        ContainerSpec spec = Specs.of(List.of(), "true").spec(ContainerId.random());
        containers.apply(caller(), spec.id(), new ApplyRequest(1, spec, 0));
        return spec.id();
    }

    private byte[] archive(String name) throws IOException {
        int uid = (int) Files.getAttribute(work, "unix:uid");
        int gid = (int) Files.getAttribute(work, "unix:gid");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TarWriter tar = new TarWriter(bytes);
        tar.entry(new TarHeader(name, TarHeader.Type.FILE, 0600, uid, gid, 3, Instant.EPOCH, "", 0, 0, Map.of()));
        tar.write("abc".getBytes(StandardCharsets.UTF_8), 0, 3);
        tar.finish();
        return bytes.toByteArray();
    }

    private void put(ContainerId id, InputStream body) {
        files.extract(caller(), id, "/", false, false, body);
    }

    @Test
    void whatIsCopiedInIsFound() throws IOException {
        ContainerId id = created();
        put(id, new ByteArrayInputStream(archive("f")));
        assertThat(files.stat(caller(), id, "/f").size()).isEqualTo(3);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        files.copy(caller(), id, "/f").archive().writeTo(out, caller());
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("abc");
        assertThatThrownBy(() -> files.stat(caller(), id, "/g")).isInstanceOf(Failure.NotFound.class);
        assertThatThrownBy(() -> put(
                        id, new ByteArrayInputStream("no archive".repeat(100).getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(Failure.Invalid.class);
    }

    @Test
    void aClientThatStopsSendingHoldsUpItsContainerForAMomentAndNoOther() throws Exception {
        ContainerId held = created();
        ContainerId other = created();
        try (PipedOutputStream client = new PipedOutputStream();
                PipedInputStream body = new PipedInputStream(client)) {
            Future<?> slow = clients.submit(() -> put(held, body));
            client.write(archive("f"), 0, 514);
            client.flush();
            Path written = work.resolve("simulated").resolve(held.value()).resolve("root/f");
            while (!Files.exists(written)) {
                Thread.sleep(Duration.ofMillis(10));
            }
            List<Future<?>> looks = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                looks.add(clients.submit(() -> files.stat(caller(), held, "/")));
            }
            assertThat(clients.submit(() -> files.stat(caller(), other, "/").name())
                            .get(STALL.toMillis() / 2, TimeUnit.MILLISECONDS))
                    .isEqualTo("/");
            for (Future<?> look : looks) {
                look.get();
            }
            // It hears of it when it goes on; what it held is free long before.
            client.write(new byte[1024]);
            client.flush();
            assertThatThrownBy(slow::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("the archive came too slowly");
        }
    }

    @Test
    void clientsThatStopReadingAreCutOffAndLeaveTheOthersTheirPlaces() throws Exception {
        ContainerId slow = created();
        ContainerId other = created();
        put(slow, new ByteArrayInputStream(archive("f")));
        put(other, new ByteArrayInputStream(archive("f")));
        CountDownLatch cut = new CountDownLatch(1);
        List<Future<?>> stalled = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            stalled.add(clients.submit(() -> {
                ContainerFiles.Archive archive = files.copy(caller(), slow, "/").archive();
                archive.writeTo(new Stalled(cut), caller());
                return true;
            }));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        files.copy(caller(), other, "/f").archive().writeTo(out, caller());
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("abc");
        boolean told = false;
        Instant limit = Instant.now().plus(STALL.multipliedBy(4));
        while (!told) {
            assertThat(Instant.now()).isBefore(limit);
            Thread.sleep(Duration.ofMillis(50));
            told = stalled.stream()
                    .anyMatch(one -> one.state() == Future.State.FAILED
                            && one.exceptionNow() instanceof IOException
                            && String.valueOf(one.exceptionNow().getMessage())
                                    .contains("the client took nothing for 2 s"));
        }
        cut.countDown();
    }

    /** Takes nothing until its connection is closed. */
    private static final class Stalled extends java.io.OutputStream {
        private final CountDownLatch closed;

        Stalled(CountDownLatch closed) {
            this.closed = closed;
        }

        @Override
        public void write(int value) throws IOException {
            try {
                closed.await();
            } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
            }
            throw new IOException("closed");
        }
    }
}
