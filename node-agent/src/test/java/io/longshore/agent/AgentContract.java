package io.longshore.agent;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.agent.Changes;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.Observed.Status;
import io.longshore.contracts.agent.ProcessTable;
import io.longshore.contracts.agent.Tick;
import io.longshore.contracts.agent.VolumeOptions;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.stream.ByteStream;
import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every agent does, whatever its drivers, seen from its socket. */
abstract class AgentContract {
    @TempDir
    protected Path directory;

    private @Nullable RunningService service;
    private @Nullable AgentUnderTest client;

    /** Which drivers: keys below {@code agent.drivers}. */
    protected abstract Map<String, String> drivers();

    /** Where supervisors have their sockets. */
    protected Path runDirectory() {
        return directory.resolve("agent-run");
    }

    /** Under which cgroup containers get theirs. */
    protected String cgroupRoot() {
        return "/longshore";
    }

    /** What must hold when an agent has no containers any more. */
    protected void assertNothingIsLeft() throws IOException {
        assertThat(directory.resolve("work/containers")).isEmptyDirectory();
    }

    /** Removes what the test made outside its directory. */
    protected void afterwards() throws IOException {
        // Nothing, by default.
    }

    /** Layers of an image with a shell, sleep, cat, echo and true, held by the agent. */
    protected abstract List<Digest> image(AgentUnderTest agent) throws IOException;

    @BeforeEach
    void begin() throws IOException {
        start();
    }

    @AfterEach
    void end() throws IOException {
        for (Observed left : agent().everything().containers()) {
            agent().remove(left.id(), true);
        }
        assertNothingIsLeft();
        stop();
        afterwards();
    }

    private void start() throws IOException {
        Map<String, String> settings = new HashMap<>();
        settings.put("run.directory", directory.resolve("run").toString());
        settings.put("agent.work-directory", directory.resolve("work").toString());
        settings.put("agent.run-directory", runDirectory().toString());
        settings.put("agent.cgroup-root", cgroupRoot());
        drivers().forEach((key, value) -> settings.put("agent.drivers." + key, value));
        RunningService started = ServiceRunner.start(NodeAgentApplication.class, Settings.of(settings));
        service = started;
        client = new AgentUnderTest(started.socket());
    }

    private void stop() throws IOException {
        agent().close();
        requireNonNull(service).close();
    }

    private void restart() throws IOException {
        stop();
        start();
    }

    private AgentUnderTest agent() {
        return requireNonNull(client);
    }

    private ContainerSpec spec(String... command) throws IOException {
        return Specs.of(image(agent()), command).spec(ContainerId.random());
    }

    @Test
    void createdStartedEndedRemoved() throws IOException {
        ContainerSpec spec = spec("true");
        Observed created = agent().apply(spec, 0);
        assertThat(created.status()).isEqualTo(Status.CREATED);
        assertThat(created.starts()).isZero();
        assertThat(created.startedAt()).isNull();
        Observed started = agent().apply(spec, 1);
        assertThat(started.starts()).isEqualTo(1);
        assertThat(started.revision()).isGreaterThan(created.revision());
        Observed ended = agent().awaitEnd(spec.id());
        assertThat(ended.exitCode()).isZero();
        assertThat(ended.error()).isEmpty();
        assertThat(ended.pid()).isZero();
        assertThat(requireNonNull(ended.startedAt())).isBeforeOrEqualTo(requireNonNull(ended.finishedAt()));
        assertThat(requireNonNull(ended.finishedAt())).isBetween(Instant.now().minusSeconds(20), Instant.now());
        agent().remove(spec.id(), false);
        assertThatThrownBy(() -> agent().observe(spec.id()))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining(spec.id().value());
        assertThat(agent().await(spec.id(), each -> each.status() == Status.REMOVED)
                        .generation())
                .isEqualTo(1);
    }

    @Test
    void sameApplyTwiceStartsOnce() throws IOException {
        ContainerSpec spec = spec("sleep", "60");
        Observed first = agent().apply(spec, 1);
        assertThat(first.status()).isEqualTo(Status.RUNNING);
        assertThat(first.pid()).isPositive();
        assertThat(agent().apply(spec, 1)).isEqualTo(first);
        assertThat(agent().apply(spec, 0)).isEqualTo(first);
        assertThatThrownBy(() -> agent().apply(spec, 2)).isInstanceOf(Failure.Conflict.class);
    }

    @Test
    void sameApplyFromManySidesStartsOnce() throws Exception {
        ContainerSpec spec = spec("sleep", "60");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Observed>> calls = IntStream.range(0, 12)
                    .<Callable<Observed>>mapToObj(i -> () -> agent().apply(spec, 1))
                    .toList();
            List<Integer> pids = new ArrayList<>();
            for (Future<Observed> call : threads.invokeAll(calls)) {
                pids.add(call.get().pid());
            }
            assertThat(pids).containsOnly(pids.getFirst());
        }
    }

    @Test
    void nextStartRunsAgainAndKeepsTheTimeOfTheEndBefore() throws IOException {
        ContainerSpec spec = spec("sh", "-c", "exit 3");
        agent().apply(spec, 1);
        Observed first = agent().awaitEnd(spec.id());
        assertThat(first.exitCode()).isEqualTo(3);
        agent().apply(spec, 2);
        Observed second = agent().await(spec.id(), each -> each.starts() == 2 && each.status() == Status.EXITED);
        assertThat(second.exitCode()).isEqualTo(3);
        assertThat(requireNonNull(second.startedAt())).isAfter(requireNonNull(first.startedAt()));
    }

    @Test
    void commandThatIsNotThereIsInvalidAndCanBeTriedAgain() throws IOException {
        ContainerSpec spec = spec("nonexistent-command");
        assertThatThrownBy(() -> agent().apply(spec, 1))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("nonexistent-command");
        Observed after = agent().observe(spec.id());
        assertThat(after.status()).isEqualTo(Status.CREATED);
        assertThat(after.exitCode()).isEqualTo(127);
        assertThat(after.error()).contains("nonexistent-command");
        assertThat(after.starts()).isZero();
        assertThatThrownBy(() -> agent().apply(spec, 1)).isInstanceOf(Failure.Invalid.class);
    }

    @Test
    void signalEndsAndTheCodeSaysWhich() throws IOException {
        ContainerSpec spec = spec("sleep", "60");
        agent().apply(spec, 1);
        assertThat(agent().signal(spec.id(), 9, null).starts()).isEqualTo(1);
        assertThat(agent().awaitEnd(spec.id()).exitCode()).isEqualTo(137);
        assertThatThrownBy(() -> agent().signal(spec.id(), 15, null)).isInstanceOf(Failure.Conflict.class);
        assertThat(agent().signal(spec.id(), 15, 1).status()).isEqualTo(Status.EXITED);
        assertThatThrownBy(() -> agent().signal(spec.id(), 65, null)).isInstanceOf(Failure.Invalid.class);
        assertThatThrownBy(() -> agent().signal(ContainerId.random(), 15, null)).isInstanceOf(Failure.NotFound.class);
    }

    @Test
    void graceEndsWithKill() throws IOException {
        ContainerSpec spec = spec("sleep", "60");
        agent().apply(spec, 1);
        // SIGURG is ignored unless a process asks for it.
        Observed stopped = agent().signal(spec.id(), 23, 0);
        assertThat(stopped.status()).isEqualTo(Status.EXITED);
        assertThat(stopped.exitCode()).isEqualTo(137);
    }

    @Test
    void runningIsRemovedOnlyByForce() throws IOException {
        ContainerSpec spec = spec("sleep", "60");
        agent().apply(spec, 1);
        assertThatThrownBy(() -> agent().remove(spec.id(), false))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining(spec.id().value());
        agent().remove(spec.id(), true);
        assertThat(agent().knows(spec.id())).isFalse();
        assertThatCode(() -> agent().remove(spec.id(), true)).doesNotThrowAnyException();
        assertThatCode(() -> agent().remove(ContainerId.random(), false)).doesNotThrowAnyException();
    }

    @Test
    void lateApplyDoesNotBringARemovedContainerBack() throws IOException {
        ContainerSpec spec = spec("true");
        agent().apply(spec, 0);
        agent().remove(spec.id(), false);
        assertThatThrownBy(() -> agent().apply(spec, 1)).isInstanceOf(Failure.Conflict.class);
        Changes seen = agent().everything();
        agent().api().changes(AgentUnderTest.caller(), seen.instance(), seen.revision(), 0);
        assertThat(agent().apply(spec, 0).status()).isEqualTo(Status.CREATED);
    }

    @Test
    void lowerEpochAndOlderGenerationAreRefused() throws IOException {
        ContainerSpec newer = Specs.of(image(agent()), "true").inGeneration(2).spec(ContainerId.random());
        ContainerSpec older = Specs.of(image(agent()), "true").inGeneration(1).spec(newer.id());
        agent().epoch(7);
        agent().apply(newer, 0);
        assertThatThrownBy(() -> agent().apply(older, 0)).isInstanceOf(Failure.Conflict.class);
        assertThat(agent().api().highestEpoch(AgentUnderTest.caller())).isEqualTo(7);
        agent().epoch(6);
        assertThatThrownBy(() -> agent().apply(newer, 0))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("epoch 6");
        restart();
        agent().epoch(6);
        assertThatThrownBy(() -> agent().remove(newer.id(), false)).isInstanceOf(Failure.Conflict.class);
        agent().epoch(7);
        assertThat(agent().observe(newer.id()).generation()).isEqualTo(2);
    }

    @Test
    void changesAreToldAtOnce() throws Exception {
        ContainerSpec spec = spec("sleep", "60");
        Changes before = agent().everything();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Changes> next = threads.submit(
                    () -> agent().api().changes(AgentUnderTest.caller(), before.instance(), before.revision(), 10_000));
            agent().apply(spec, 0);
            Changes told = next.get();
            assertThat(told.complete()).isFalse();
            assertThat(told.containers()).extracting(Observed::id).containsExactly(spec.id());
        }
        assertThat(agent().api()
                        .changes(AgentUnderTest.caller(), "another", 1L, 10_000)
                        .complete())
                .isTrue();
    }

    @Test
    void attachBeforeTheStartMissesNothing() throws IOException {
        ContainerSpec spec = spec("echo", "hello");
        agent().apply(spec, 0);
        try (Duplex early = agent().attach(spec.id(), false);
                Duplex another = agent().attach(spec.id(), false)) {
            agent().apply(spec, 1);
            assertThat(Frames.text(early.input())).isEqualTo("hello\n");
            assertThat(Frames.text(another.input())).isEqualTo("hello\n");
        }
    }

    @Test
    void inputGoesInAndItsEndEndsTheProcess() throws IOException {
        ContainerSpec spec = Specs.of(image(agent()), "cat").withInput().spec(ContainerId.random());
        agent().apply(spec, 0);
        try (Duplex stream = agent().attach(spec.id(), true)) {
            agent().apply(spec, 1);
            stream.output().write("one\n".getBytes(StandardCharsets.UTF_8));
            assertThat(Frames.one(stream.input())).isEqualTo("one\n");
            stream.output().write("two\n".getBytes(StandardCharsets.UTF_8));
            stream.shutdownOutput();
            assertThat(Frames.text(stream.input())).isEqualTo("two\n");
        }
        assertThat(agent().awaitEnd(spec.id()).exitCode()).isZero();
    }

    @Test
    void attachedClientThatWaitsIsLetGoWhenTheStartFails() throws IOException {
        ContainerSpec spec = spec("nonexistent-command");
        agent().apply(spec, 0);
        try (Duplex stream = agent().attach(spec.id(), false)) {
            assertThatThrownBy(() -> agent().apply(spec, 1)).isInstanceOf(Failure.Invalid.class);
            assertThat(Frames.text(stream.input())).isEmpty();
        }
        assertThatThrownBy(() -> agent().attach(ContainerId.random(), false)).isInstanceOf(Failure.NotFound.class);
    }

    @Test
    void logsAreReadBackAndFollowed() throws IOException {
        ContainerSpec spec = spec("sh", "-c", "echo one; echo two; sleep 60");
        agent().apply(spec, 1);
        try (ByteStream followed = agent().logs(spec.id(), "&follow=1")) {
            assertThat(Frames.one(followed.input())).isEqualTo("one\n");
            agent().signal(spec.id(), 9, 5);
            assertThat(Frames.text(followed.input())).isEqualTo("two\n");
        }
        assertThat(agent().logText(spec.id(), "")).isEqualTo("one\ntwo\n");
        assertThat(agent().logText(spec.id(), "&tail=1")).isEqualTo("two\n");
        assertThat(agent().logText(spec.id(), "&tail=1&timestamps=1")).matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z two\n");
        assertThat(agent().logText(spec.id(), "&until=1000000000")).isEmpty();
        assertThatThrownBy(() -> agent().logs(spec.id(), "&since=yesterday").close())
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("yesterday");
    }

    @Test
    void statsGoOnAcrossStopAndStartUntilTheRemoval() throws IOException {
        ContainerSpec spec = spec("sleep", "60");
        agent().apply(spec, 0);
        assertThat(agent().ticks(spec.id(), 1)).containsExactly(new Tick(null));
        agent().apply(spec, 1);
        Tick one = agent().ticks(spec.id(), 1).getFirst();
        assertThat(requireNonNull(one.sample()).pids().current()).isEqualTo(1);
        List<Tick> two = agent().ticks(spec.id(), 2);
        assertThat(Duration.between(
                        requireNonNull(two.getFirst().sample()).read(),
                        requireNonNull(two.getLast().sample()).read()))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(5));
        try (AgentUnderTest.Ticks ticks = agent().ticks(spec.id())) {
            assertThat(requireNonNull(ticks.next()).sample()).isNotNull();
            agent().signal(spec.id(), 9, 5);
            Tick next = requireNonNull(ticks.next());
            assertThat((next.sample() == null ? next : requireNonNull(ticks.next())).sample())
                    .isNull();
            agent().remove(spec.id(), false);
            while (ticks.next() != null) {
                // Some may have been on their way.
            }
        }
        assertThatThrownBy(() -> agent().ticks(spec.id(), 1)).isInstanceOf(Failure.NotFound.class);
    }

    @Test
    void processesOfTheContainerOnly() throws IOException {
        ContainerSpec spec = spec("sleep", "60");
        agent().apply(spec, 0);
        assertThatThrownBy(() -> agent().api().top(AgentUnderTest.caller(), spec.id(), ""))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessage("container " + spec.id() + " is not running");
        Observed running = agent().apply(spec, 1);
        ProcessTable table = agent().api().top(AgentUnderTest.caller(), spec.id(), "");
        assertThat(table.processes())
                .singleElement()
                .satisfies(process -> assertThat(process).contains(String.valueOf(running.pid()), "sleep 60"));
        assertThatThrownBy(() -> agent().api().top(AgentUnderTest.caller(), ContainerId.random(), ""))
                .isInstanceOf(Failure.NotFound.class);
    }

    @Test
    void linesOfTheLocalDriverAreReadBack() throws IOException {
        ContainerSpec spec = Specs.of(image(agent()), "sh", "-c", "echo one; echo two")
                .withLog("local")
                .spec(ContainerId.random());
        agent().apply(spec, 1);
        agent().awaitEnd(spec.id());
        assertThat(agent().logText(spec.id(), "")).isEqualTo("one\ntwo\n");
        assertThat(agent().logText(spec.id(), "&tail=1&details=1")).isEqualTo(" two\n");
    }

    @Test
    void logDriverNoneCannotBeRead() throws IOException {
        ContainerSpec spec = Specs.of(image(agent()), "true").withLog("none").spec(ContainerId.random());
        agent().apply(spec, 0);
        assertThatThrownBy(() -> agent().logs(spec.id(), "").close())
                .isInstanceOf(Failure.NotImplemented.class)
                .hasMessage("configured logging driver does not support reading");
    }

    @Test
    void volumesAreMountedAndStay() throws IOException {
        ContainerSpec spec =
                Specs.of(image(agent()), "true").withVolume("data", "/data").spec(ContainerId.random());
        VolumeOptions local = new VolumeOptions("local", Map.of());
        assertThatThrownBy(() -> agent().apply(spec, 1))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining("data");
        agent().api().createVolume(AgentUnderTest.caller(), "data", local);
        agent().api().createVolume(AgentUnderTest.caller(), "data", local);
        agent().apply(spec, 1);
        agent().awaitEnd(spec.id());
        agent().remove(spec.id(), false);
        assertThat(directory.resolve("work/volumes/data")).exists();
        assertThat(agent().api().volumeSize(AgentUnderTest.caller(), "data", "local"))
                .isZero();
        agent().api().removeVolume(AgentUnderTest.caller(), "data", "local");
        agent().api().removeVolume(AgentUnderTest.caller(), "data", "local");
        assertThat(directory.resolve("work/volumes")).isEmptyDirectory();
        assertThatThrownBy(() -> agent().api().removeVolume(AgentUnderTest.caller(), "data", "nfs"))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining("nfs");
    }

    @Test
    void networkFilesAreWhatDockerWrites() throws IOException {
        ContainerSpec spec = spec("sleep", "60");
        agent().apply(spec, 1);
        Path home = directory.resolve("work/containers").resolve(spec.id().value());
        assertThat(home.resolve("hostname")).hasContent(spec.hostname() + "\n");
        assertThat(Files.readString(home.resolve("hosts")))
                .startsWith("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
        assertThat(home.resolve("resolv.conf")).exists();
    }

    @Test
    void everythingIsFoundAgainAfterARestart() throws IOException {
        ContainerSpec created = spec("true");
        ContainerSpec running = spec("sleep", "60");
        ContainerSpec ended = spec("sh", "-c", "exit 4");
        ContainerSpec endsMeanwhile = spec("sh", "-c", "sleep 1; exit 5");
        ContainerSpec removed = spec("true");
        agent().apply(created, 0);
        Observed before = agent().apply(running, 1);
        agent().apply(ended, 1);
        agent().awaitEnd(ended.id());
        agent().apply(removed, 0);
        agent().remove(removed.id(), false);
        Observed soon = agent().apply(endsMeanwhile, 1);
        String instance = agent().everything().instance();
        stop();
        Instant end = requireNonNull(soon.startedAt()).plus(Duration.ofMillis(1_300));
        while (Instant.now().isBefore(end)) {
            Thread.onSpinWait();
        }
        start();
        assertThat(agent().everything().instance()).isNotEqualTo(instance);
        assertThat(agent().observe(created.id()).status()).isEqualTo(Status.CREATED);
        Observed after = agent().observe(running.id());
        assertThat(after.status()).isEqualTo(Status.RUNNING);
        assertThat(after.pid()).isEqualTo(before.pid());
        assertThat(after.startedAt()).isEqualTo(before.startedAt());
        assertThat(agent().observe(ended.id()).exitCode()).isEqualTo(4);
        Observed meanwhile = agent().observe(endsMeanwhile.id());
        assertThat(meanwhile.status()).isEqualTo(Status.EXITED);
        assertThat(meanwhile.exitCode()).isEqualTo(5);
        assertThat(requireNonNull(meanwhile.finishedAt())).isBefore(end);
        assertThat(agent().knows(removed.id())).isFalse();
        assertThat(agent().signal(running.id(), 9, 5).exitCode()).isEqualTo(137);
        assertThat(agent().apply(created, 1).starts()).isEqualTo(1);
    }

    @Test
    void manyAtOnceLeaveNothing() throws Exception {
        int count = 40;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Observed>> lives = IntStream.range(0, count)
                    .<Callable<Observed>>mapToObj(i -> () -> {
                        ContainerSpec spec = spec("sh", "-c", "exit " + i);
                        agent().apply(spec, 0);
                        agent().apply(spec, 1);
                        Observed ended = agent().awaitEnd(spec.id());
                        agent().remove(spec.id(), false);
                        return ended;
                    })
                    .toList();
            List<Integer> codes = new ArrayList<>();
            for (Future<Observed> life : threads.invokeAll(lives)) {
                codes.add(life.get().exitCode());
            }
            assertThat(codes)
                    .containsExactlyElementsOf(IntStream.range(0, count).boxed().toList());
        }
        assertThat(directory.resolve("work/containers")).isEmptyDirectory();
    }
}
