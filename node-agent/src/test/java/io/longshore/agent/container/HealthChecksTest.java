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
import io.longshore.contracts.agent.ContainerSpec.HealthCheck;
import io.longshore.contracts.agent.Health;
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
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Health checks of many containers of a node. */
class HealthChecksTest {
    /** More than have a place at the same time. */
    private static final int HANGING = 40;

    @TempDir
    private Path directory;

    private final SimulatedExecDriver exec = new SimulatedExecDriver();
    private final List<ContainerId> started = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Containers agent;

    @BeforeEach
    void begin() {
        Drivers drivers = new Drivers(
                Map.of("longshore", exec),
                TestNetworks.simulated(directory),
                VolumeDrivers.of(new SimulatedVolumeDriver(directory.resolve("volumes"))),
                new MemoryRoots());
        agent = new Containers(
                drivers,
                new StateStore(directory.resolve("containers"), Json.mapper()),
                new Epochs(directory.resolve("epoch")),
                new ChangesFeed(Clock.systemUTC()),
                Path.of("/etc"),
                "boot-1");
    }

    @AfterEach
    void end() {
        started.forEach(id -> agent.remove(caller(), id, new RemoveRequest(1, true)));
        agent.close();
        exec.close();
    }

    private static Caller caller() {
        return new Caller("test", "default", Instant.now().plusSeconds(20), "0".repeat(32));
    }

    private ContainerId start(String... check) {
        var checked = new HealthCheck(
                List.of(check), Duration.ofMillis(50), Duration.ofSeconds(60), Duration.ZERO, Duration.ofMillis(50), 1);
        ContainerSpec spec =
                Specs.of(List.of(), "sleep", "600").withHealthCheck(checked).spec(ContainerId.random());
        agent.apply(caller(), spec.id(), new ApplyRequest(1, spec, 1));
        started.add(spec.id());
        return spec.id();
    }

    @Test
    void checksThatHangDoNotKeepOthersFromBeingMade() {
        for (int i = 0; i < HANGING; i++) {
            start("sleep", "600");
        }
        LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        ContainerId well = start("true");
        Instant limit = Instant.now().plusSeconds(20);
        while (status(well) != Health.Status.HEALTHY && Instant.now().isBefore(limit)) {
            LockSupport.parkNanos(5_000_000);
        }
        assertThat(status(well)).isEqualTo(Health.Status.HEALTHY);
    }

    private Health.Status status(ContainerId id) {
        Health health = agent.observe(id).health();
        assertThat(health).isNotNull();
        return health.status();
    }
}
