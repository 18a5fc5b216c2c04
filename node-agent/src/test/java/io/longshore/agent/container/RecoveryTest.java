package io.longshore.agent.container;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.Specs;
import io.longshore.agent.TestNetworks;
import io.longshore.agent.execdriver.simulated.SimulatedExecDriver;
import io.longshore.agent.feed.ChangesFeed;
import io.longshore.agent.state.Epochs;
import io.longshore.agent.state.Starts;
import io.longshore.agent.state.StateStore;
import io.longshore.agent.volumedriver.VolumeDrivers;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.agent.volumedriver.simulated.SimulatedVolumeDriver;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ApplyRequest;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.Observed.Status;
import io.longshore.contracts.agent.PauseRequest;
import io.longshore.contracts.agent.RemoveRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a new life of the agent makes of what the one before left on disk, wherever that was cut off. */
class RecoveryTest {
    private static final String THIS_BOOT = "boot-1";

    @TempDir
    private Path directory;

    private final MemoryRoots roots = new MemoryRoots();

    private @Nullable SimulatedExecDriver exec;

    /** A new life of the agent; the one before is dead from here on. */
    private Containers agent(String bootId) {
        if (exec != null) {
            exec.close();
        }
        exec = new SimulatedExecDriver();
        VolumeDrivers volumes = VolumeDrivers.of(new SimulatedVolumeDriver(directory.resolve("volumes")));
        Drivers drivers = new Drivers(Map.of("longshore", exec), TestNetworks.simulated(directory), volumes, roots);
        StateStore store = new StateStore(directory.resolve("containers"), Json.mapper());
        return new Containers(
                drivers,
                store,
                new Epochs(directory.resolve("epoch")),
                new ChangesFeed(Clock.systemUTC()),
                Path.of("/etc"),
                bootId);
    }

    private static Caller caller() {
        return new Caller("test", "default", Instant.now().plusSeconds(20), "0".repeat(32));
    }

    private static Observed apply(Containers agent, ContainerSpec spec, long starts) {
        return agent.apply(caller(), spec.id(), new ApplyRequest(1, spec, starts));
    }

    private static void awaitEnd(Containers agent, ContainerId id) {
        var seen = agent.changes(null, null, Duration.ZERO);
        Instant limit = Instant.now().plusSeconds(20);
        while (agent.observe(id).status() != Status.EXITED && Instant.now().isBefore(limit)) {
            seen = agent.changes(seen.instance(), seen.revision(), Duration.ofSeconds(1));
        }
        assertThat(agent.observe(id).status()).isEqualTo(Status.EXITED);
    }

    /** Waits until the end is written down and cleaned up after, which comes after it is told. */
    private void awaitSettled(Containers agent, ContainerSpec spec) throws IOException {
        awaitEnd(agent, spec.id());
        Instant limit = Instant.now().plusSeconds(20);
        while (Files.exists(home(spec).resolve("simulated-process"))
                || !Files.readString(state(spec)).contains("outcome")) {
            assertThat(Instant.now()).isBefore(limit);
            Thread.onSpinWait();
        }
    }

    private static ContainerSpec spec(String... command) {
        return Specs.of(List.of(), command).spec(ContainerId.random());
    }

    private Path home(ContainerSpec spec) {
        return directory.resolve("containers").resolve(spec.id().value());
    }

    private Path state(ContainerSpec spec) {
        return home(spec).resolve("state");
    }

    private void append(ContainerSpec spec, String text) throws IOException {
        Files.writeString(state(spec), text, StandardOpenOption.APPEND);
    }

    @Test
    void aStartThatWasWrittenDownAndNeverMadeIsNotCounted() throws IOException {
        ContainerSpec spec = spec("sleep", "60");
        apply(agent(THIS_BOOT), spec, 0);
        append(spec, "{\"starts\":{\"count\":1,\"bootId\":\"boot-1\"}}\n");
        Containers next = agent(THIS_BOOT);
        assertThat(next.observe(spec.id()).status()).isEqualTo(Status.CREATED);
        assertThat(next.observe(spec.id()).starts()).isZero();
        assertThat(apply(next, spec, 1).status()).isEqualTo(Status.RUNNING);
    }

    /** What an agent from before there were restart policies has written. */
    @Test
    void aSpecificationWithoutARestartPolicyHasNone() throws IOException {
        ContainerSpec spec = spec("sh", "-c", "exit 3");
        Containers first = agent(THIS_BOOT);
        apply(first, spec, 1);
        awaitSettled(first, spec);
        Path file = state(spec);
        String old = Files.readString(file).replaceAll("\"restart\":\\{[^}]*},", "");
        assertThat(old).doesNotContain("restart");
        Files.writeString(file, old);
        Containers next = agent(THIS_BOOT);
        next.begin();
        assertThat(next.observe(spec.id()).status()).isEqualTo(Status.EXITED);
        assertThat(next.spec(spec.id()).restart()).isEqualTo(ContainerSpec.Restart.NO);
        assertThat(apply(next, spec, 2).starts()).isEqualTo(2);
    }

    /** A commit's pause must not outlast who asked for it; a client's must. */
    @Test
    void aBriefPauseEndsByItself() throws Exception {
        ContainerSpec spec = spec("sleep", "60");
        Containers agent = agent(THIS_BOOT);
        apply(agent, spec, 1);
        assertThat(agent.pause(caller(), spec.id(), new PauseRequest(1, true, 1))
                        .status())
                .isEqualTo(Status.PAUSED);
        assertThat(home(spec).resolve("brief-pause")).exists();
        Instant limit = Instant.now().plusSeconds(20);
        while (agent.observe(spec.id()).status() != Status.RUNNING
                && Instant.now().isBefore(limit)) {
            Thread.sleep(10);
        }
        assertThat(agent.observe(spec.id()).status()).isEqualTo(Status.RUNNING);
        assertThat(home(spec).resolve("brief-pause")).doesNotExist();
        agent.pause(caller(), spec.id(), new PauseRequest(1, true, null));
        assertThat(home(spec).resolve("brief-pause")).doesNotExist();
        agent.pause(caller(), spec.id(), new PauseRequest(1, false, null));
    }

    @Test
    void aSecondStartThatWasNeverMadeLeavesTheEndOfTheFirst() throws IOException {
        ContainerSpec spec = spec("sh", "-c", "exit 3");
        Containers first = agent(THIS_BOOT);
        apply(first, spec, 1);
        awaitSettled(first, spec);
        append(spec, "{\"starts\":{\"count\":2,\"bootId\":\"boot-1\"}}\n");
        Observed found = agent(THIS_BOOT).observe(spec.id());
        assertThat(found.status()).isEqualTo(Status.EXITED);
        assertThat(found.starts()).isEqualTo(1);
        assertThat(found.exitCode()).isEqualTo(3);
    }

    @Test
    void whatRanWhenTheMachineWentDownHasEnded() throws IOException {
        ContainerSpec spec = spec("sleep", "60");
        apply(agent(THIS_BOOT), spec, 1);
        Files.delete(home(spec).resolve("simulated-process"));
        Containers next = agent("boot-2");
        Observed found = next.observe(spec.id());
        assertThat(found.status()).isEqualTo(Status.EXITED);
        assertThat(found.starts()).isEqualTo(1);
        assertThat(found.exitCode()).isEqualTo(255);
        assertThat(found.error()).contains("node was restarted");
        assertThat(apply(next, spec, 1).status()).isEqualTo(Status.EXITED);
        assertThat(apply(next, spec, 2).status()).isEqualTo(Status.RUNNING);
    }

    @Test
    void anOutcomeTornByAPowerCutIsNone() throws IOException {
        ContainerSpec spec = spec("true");
        Containers first = agent(THIS_BOOT);
        apply(first, spec, 1);
        awaitSettled(first, spec);
        String lines = Files.readString(state(spec));
        Files.writeString(state(spec), lines.substring(0, lines.length() - 5));
        Observed found = agent("boot-2").observe(spec.id());
        assertThat(found.status()).isEqualTo(Status.EXITED);
        assertThat(found.exitCode()).isEqualTo(255);
    }

    @Test
    void aFailedStartStaysAsItWas() {
        ContainerSpec spec = spec("nonexistent");
        Containers first = agent(THIS_BOOT);
        assertThatThrownBy(() -> apply(first, spec, 1)).isInstanceOf(Failure.Invalid.class);
        Observed found = agent(THIS_BOOT).observe(spec.id());
        assertThat(found.status()).isEqualTo(Status.CREATED);
        assertThat(found.exitCode()).isEqualTo(127);
        assertThat(found.starts()).isZero();
    }

    @Test
    void aRemovalThatWasBegunIsFinished() throws IOException {
        ContainerSpec spec = spec("true");
        apply(agent(THIS_BOOT), spec, 0);
        Files.move(home(spec), home(spec).resolveSibling(spec.id() + ".removing"));
        assertThat(roots.held).contains(spec.id());
        Containers next = agent(THIS_BOOT);
        assertThatThrownBy(() -> next.observe(spec.id())).isInstanceOf(Failure.NotFound.class);
        assertThat(directory.resolve("containers")).isEmptyDirectory();
        assertThat(roots.held).isEmpty();
    }

    @Test
    void aCreateThatWasNeverAnsweredIsCleanedAway() throws IOException {
        ContainerSpec spec = spec("true");
        Files.createDirectories(home(spec));
        Files.writeString(state(spec), "{\"spec\":{\"id\":");
        agent(THIS_BOOT);
        assertThat(home(spec)).doesNotExist();
    }

    @Test
    void aCreateCutBeforeItsLayersWereMadeIsFinishedByTheStart() {
        ContainerSpec spec = spec("sleep", "60");
        new StateStore(directory.resolve("containers"), Json.mapper()).create(spec);
        Containers next = agent(THIS_BOOT);
        assertThat(next.observe(spec.id()).status()).isEqualTo(Status.CREATED);
        assertThat(apply(next, spec, 1).status()).isEqualTo(Status.RUNNING);
        assertThat(roots.held).containsExactly(spec.id());
    }

    private static ContainerSpec filling(String volume) {
        return Specs.of(List.of(), "sleep", "60")
                .withFilledVolume(volume, "/data")
                .spec(ContainerId.random());
    }

    @Test
    void aCreateCutWhileItsVolumeWasFilledIsFinished() {
        ContainerSpec spec = filling("there");
        new SimulatedVolumeDriver(directory.resolve("volumes")).create(VolumeName.parse("there"), Map.of());
        new StateStore(directory.resolve("containers"), Json.mapper()).create(spec);
        assertThat(agent(THIS_BOOT).observe(spec.id()).status()).isEqualTo(Status.CREATED);
        assertThat(roots.filled).containsExactly("/data");
        roots.filled.clear();
        agent(THIS_BOOT);
        assertThat(roots.filled).as("it is done once").isEmpty();
    }

    @Test
    void aCreateThatCannotBeFinishedIsCleanedAway() {
        ContainerSpec spec = filling("missing");
        new StateStore(directory.resolve("containers"), Json.mapper()).create(spec);
        Containers next = agent(THIS_BOOT);
        assertThatThrownBy(() -> next.observe(spec.id())).isInstanceOf(Failure.NotFound.class);
        assertThat(directory.resolve("containers")).isEmptyDirectory();
        assertThat(roots.held).isEmpty();
    }

    @Test
    void aFileThatDoesNotSayWhetherAllWasMadeIsOfAWholeContainer() throws IOException {
        ContainerSpec spec = filling("missing");
        Files.createDirectories(home(spec));
        Files.writeString(state(spec), "{\"spec\":" + Json.mapper().writeValueAsString(spec) + "}\n");
        assertThat(agent(THIS_BOOT).observe(spec.id()).status()).isEqualTo(Status.CREATED);
        assertThat(roots.filled).isEmpty();
    }

    @Test
    void aNewGenerationThatFailsLeavesTheLayerOfTheContainer() {
        ContainerId id = ContainerId.random();
        Containers agent = agent(THIS_BOOT);
        apply(agent, Specs.of(List.of(), "true").spec(id), 0);
        ContainerSpec next = Specs.of(List.of(), "true")
                .withFilledVolume("missing", "/data")
                .inGeneration(2)
                .spec(id);
        assertThatThrownBy(() -> apply(agent, next, 0)).isInstanceOf(Failure.NotFound.class);
        assertThat(roots.held).containsExactly(id);
    }

    @Test
    void aLayerOfWhichNothingElseIsKnownGoes() throws IOException {
        ContainerSpec kept = spec("true");
        ContainerSpec damaged = spec("true");
        Containers first = agent(THIS_BOOT);
        apply(first, kept, 0);
        apply(first, damaged, 0);
        Files.writeString(state(damaged), "{\"spec\":{\"id\":\n");
        roots.held.add(ContainerId.random());
        agent(THIS_BOOT);
        assertThat(roots.held).containsExactlyInAnyOrder(kept.id(), damaged.id());
    }

    @Test
    void oneDamagedContainerIsShownAndHarmsNoOther() throws IOException {
        ContainerSpec damaged = spec("true");
        ContainerSpec whole = spec("true");
        Containers first = agent(THIS_BOOT);
        apply(first, damaged, 0);
        apply(first, whole, 0);
        Files.writeString(state(damaged), "{\"spec\":{\"id\":\n");
        Containers next = agent(THIS_BOOT);
        assertThat(next.observe(whole.id()).status()).isEqualTo(Status.CREATED);
        Observed found = next.observe(damaged.id());
        assertThat(found.status()).isEqualTo(Status.EXITED);
        assertThat(found.error()).contains(damaged.id() + "/state");
        assertThatThrownBy(() -> apply(next, damaged, 1)).isInstanceOf(Failure.class);
        next.remove(caller(), damaged.id(), new RemoveRequest(1, true));
        assertThat(home(damaged)).doesNotExist();
        assertThat(roots.held).containsExactly(whole.id());
    }

    @Test
    void aTornLineIsCutOffAndDamageInTheMiddleIsNot() throws IOException {
        ContainerSpec torn = spec("true");
        ContainerSpec damaged = spec("true");
        Containers first = agent(THIS_BOOT);
        apply(first, torn, 0);
        apply(first, damaged, 0);
        long whole = Files.size(state(torn));
        append(torn, "{\"starts\":{\"cou");
        append(damaged, "\0\0\0\n{\"starts\":{\"count\":1,\"bootId\":\"boot-1\"}}\n");
        Containers next = agent(THIS_BOOT);
        assertThat(next.observe(torn.id()).status()).isEqualTo(Status.CREATED);
        assertThat(Files.size(state(torn))).isEqualTo(whole);
        assertThat(next.observe(damaged.id()).error()).contains(damaged.id() + "/state");
    }

    @Test
    void theFileOfAContainerStartedOftenStaysSmall() throws IOException {
        ContainerSpec spec = spec("true");
        apply(agent(THIS_BOOT), spec, 0);
        append(spec, "{\"starts\":{\"count\":1,\"bootId\":\"boot-0\"}}\n".repeat(30_000));
        StateStore store = new StateStore(directory.resolve("containers"), Json.mapper());
        store.starts(spec.id(), new Starts(7, "boot-0", 7));
        assertThat(Files.size(state(spec))).isLessThan(10_000);
        assertThat(store.load().whole()).singleElement().satisfies(found -> {
            assertThat(found.spec()).isEqualTo(spec);
            assertThat(found.starts().count()).isEqualTo(7);
        });
    }

    @Test
    void aContainerThatEndsDuringTheRecoveryIsSeenToEnd() {
        ContainerSpec spec = spec("sh", "-c", "sleep 0.2; exit 6");
        apply(agent(THIS_BOOT), spec, 1);
        Containers next = agent(THIS_BOOT);
        awaitEnd(next, spec.id());
        Observed found = next.observe(spec.id());
        assertThat(found.exitCode()).isEqualTo(6);
        assertThat(requireNonNull(found.finishedAt())).isBeforeOrEqualTo(Instant.now());
    }
}
