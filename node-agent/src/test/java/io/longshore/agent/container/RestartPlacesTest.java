package io.longshore.agent.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.Specs;
import io.longshore.agent.TestNetworks;
import io.longshore.agent.execdriver.simulated.SimulatedExecDriver;
import io.longshore.agent.feed.ChangesFeed;
import io.longshore.agent.state.Epochs;
import io.longshore.agent.state.StateStore;
import io.longshore.agent.volumedriver.VolumeDrivers;
import io.longshore.agent.volumedriver.simulated.SimulatedVolumeDriver;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ApplyRequest;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.Restart;
import io.longshore.contracts.agent.RemoveRequest;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.web.Json;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Containers that are held up do not hold up the restarts of others. */
class RestartPlacesTest {
    private static final int PLACES = 16;

    @TempDir
    private Path directory;

    private static Caller caller() {
        return new Caller("test", "default", Instant.now().plusSeconds(50), "0".repeat(32));
    }

    private static ContainerSpec crashing(Containers agent) {
        ContainerSpec spec = Specs.of(List.of(), "sh", "-c", "exit 3").spec(ContainerId.random());
        ContainerSpec restarted = spec.updated(spec.resources(), new Restart(Restart.Policy.ALWAYS, 0));
        agent.apply(caller(), spec.id(), new ApplyRequest(1, restarted, 1));
        return restarted;
    }

    @Test
    @Timeout(60)
    void theirRestartsWaitWithoutTakingAPlace() throws Exception {
        try (SimulatedExecDriver exec = new SimulatedExecDriver();
                ExecutorService copies = Executors.newVirtualThreadPerTaskExecutor()) {
            Drivers drivers = new Drivers(
                    Map.of("longshore", exec),
                    TestNetworks.simulated(directory),
                    VolumeDrivers.of(new SimulatedVolumeDriver(directory.resolve("volumes"))),
                    new MemoryRoots());
            StateStore store = new StateStore(directory.resolve("containers"), Json.mapper());
            ChangesFeed feed = new ChangesFeed(Clock.systemUTC());
            Epochs epochs = new Epochs(directory.resolve("epoch"));
            Containers agent = new Containers(drivers, store, epochs, feed, Path.of("/etc"), "boot");
            CountDownLatch held = new CountDownLatch(PLACES);
            CountDownLatch end = new CountDownLatch(1);
            List<ContainerId> ids = new ArrayList<>();
            try {
                for (int i = 0; i < PLACES; i++) {
                    ContainerId id = crashing(agent).id();
                    ids.add(id);
                    var _ = copies.submit(() -> agent.undisturbed(caller(), id, () -> {
                        held.countDown();
                        return await(end);
                    }));
                }
                held.await();
                // By now each of them wants to be started again: their first pause is 100 ms.
                Thread.sleep(Duration.ofMillis(500));
                ContainerId other = crashing(agent).id();
                ids.add(other);
                Instant limit = Instant.now().plusSeconds(10);
                while (agent.observe(other).starts() < 2) {
                    assertThat(Instant.now()).isBefore(limit);
                    Thread.sleep(Duration.ofMillis(20));
                }
            } finally {
                end.countDown();
                // Else a start that is under way still writes while the directory is deleted.
                ids.forEach(id -> agent.remove(caller(), id, new RemoveRequest(1, true)));
            }
            agent.close();
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts it", e);
        }
    }
}
