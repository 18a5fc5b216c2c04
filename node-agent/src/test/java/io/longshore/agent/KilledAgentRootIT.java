package io.longshore.agent;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.Observed.Status;
import io.longshore.contracts.agent.PauseRequest;
import io.longshore.contracts.agent.VolumeOptions;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.fixture.TestImage;
import io.longshore.oci.fixture.TestLayer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of the agent's process, at moments chosen at random while it creates, starts, stops and removes. */
class KilledAgentRootIT {
    private static final int ROUNDS = 4;
    private static final int FILES = 3_000;

    @TempDir
    private Path directory;

    private final Path run = Path.of("/run/ls-kill-" + ProcessHandle.current().pid());
    private final String cgroups = "/ls-kill-" + ProcessHandle.current().pid();

    @Test
    void containersOutliveTheAgentAndNothingIsLostOrLeft() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        AgentProcess process = AgentProcess.start(directory, run, cgroups);
        try {
            AgentUnderTest agent = new AgentUnderTest(process.socket());
            List<Digest> layers = agent.load(
                    new ByteArrayInputStream(TestImage.busybox("test:latest").archive()));
            Map<ContainerId, Observed> running = new HashMap<>();
            for (int i = 0; i < 5; i++) {
                ContainerSpec spec = spec(layers, "sleep", "1000");
                running.put(spec.id(), agent.apply(spec, 1));
            }
            for (int round = 0; round < ROUNDS; round++) {
                ContainerSpec ends = spec(layers, "sh", "-c", "echo before; sleep 2; echo after; exit 7");
                agent.apply(ends, 1);
                underLoad(agent, layers, random.nextInt(100, 1_500), process);
                agent.close();
                process = AgentProcess.start(directory, run, cgroups);
                agent = new AgentUnderTest(process.socket());
                check(agent, running, ends, "seed " + seed + ", round " + round);
            }
            for (Observed left : agent.everything().containers()) {
                agent.remove(left.id(), true);
            }
            assertThat(directory.resolve("work/containers")).isEmptyDirectory();
            new NodeLeftovers(directory, run, cgroups).assertNone();
            for (Observed was : running.values()) {
                assertThat(ProcessHandle.of(was.pid())).isEmpty();
            }
            agent.close();
        } finally {
            process.stop();
        }
        new NodeLeftovers(directory, run, cgroups).remove();
    }

    @Test
    void whatWasPausedStaysSoUnlessForACommit() throws Exception {
        AgentProcess process = AgentProcess.start(directory, run, cgroups);
        try {
            AgentUnderTest agent = new AgentUnderTest(process.socket());
            List<Digest> layers = agent.load(
                    new ByteArrayInputStream(TestImage.busybox("test:latest").archive()));
            ContainerSpec byClient = spec(layers, "sleep", "1000");
            ContainerSpec forCommit = spec(layers, "sleep", "1000");
            agent.apply(byClient, 1);
            agent.apply(forCommit, 1);
            pause(agent, byClient, null);
            pause(agent, forCommit, 3600);
            process.kill();
            agent.close();
            process = AgentProcess.start(directory, run, cgroups);
            AgentUnderTest next = new AgentUnderTest(process.socket());
            assertThat(next.observe(byClient.id()).status()).isEqualTo(Status.PAUSED);
            assertThat(next.observe(forCommit.id()).status()).isEqualTo(Status.RUNNING);
            next.remove(byClient.id(), true);
            next.remove(forCommit.id(), true);
            new NodeLeftovers(directory, run, cgroups).assertNone();
            next.close();
        } finally {
            process.stop();
        }
        new NodeLeftovers(directory, run, cgroups).remove();
    }

    private static void pause(AgentUnderTest agent, ContainerSpec spec, @Nullable Integer seconds) {
        agent.api().pause(AgentUnderTest.caller(), spec.id(), new PauseRequest(1, true, seconds));
    }

    @Test
    void aVolumeThatWasBeingFilledIsFilledByTheNextAgent() throws Exception {
        AgentProcess process = AgentProcess.start(directory, run, cgroups);
        try {
            AgentUnderTest agent = new AgentUnderTest(process.socket());
            TestLayer data = new TestLayer().directory("data/", 0755);
            for (int i = 0; i < FILES; i++) {
                data.file("data/" + i, 0644, new byte[100]);
            }
            List<Digest> layers = agent.load(new ByteArrayInputStream(
                    TestImage.busybox("test:latest").layer(data.tar()).archive()));
            ContainerSpec spec =
                    Specs.of(layers, "true").withFilledVolume("data", "/data").spec(ContainerId.random());
            agent.api().createVolume(AgentUnderTest.caller(), "data", new VolumeOptions("local", Map.of()));
            Path volume = directory.resolve("work/volumes/data/_data");
            try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
                Future<?> create = thread.submit(() -> agent.apply(spec, 0));
                awaitFiles(volume.resolveSibling("_data.filling"));
                process.kill();
                assertThat(create).failsWithin(Duration.ofSeconds(20));
            }
            agent.close();
            assertThat(volume).isEmptyDirectory();
            process = AgentProcess.start(directory, run, cgroups);
            AgentUnderTest next = new AgentUnderTest(process.socket());
            assertThat(next.observe(spec.id()).status()).isEqualTo(Status.CREATED);
            try (Stream<Path> files = Files.list(volume)) {
                assertThat(files).hasSize(FILES);
            }
            assertThat(volume.getParent()).isDirectoryNotContaining("glob:**/_data.*");
            next.remove(spec.id(), false);
            next.close();
        } finally {
            process.stop();
        }
        new NodeLeftovers(directory, run, cgroups).remove();
    }

    private static void awaitFiles(Path copy) throws IOException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (System.nanoTime() < limit) {
            if (Files.exists(copy.resolve("0")) || Files.exists(copy.resolve("1"))) {
                return;
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("nothing was copied to " + copy);
    }

    private static ContainerSpec spec(List<Digest> layers, String... command) {
        return Specs.of(layers, command).spec(ContainerId.random());
    }

    /** Lives of containers on three threads until the agent is killed in the midst of them. */
    private static void underLoad(AgentUnderTest agent, List<Digest> layers, int millis, AgentProcess process)
            throws Exception {
        AtomicBoolean killed = new AtomicBoolean();
        AtomicInteger lives = new AtomicInteger();
        List<Future<?>> clients = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            for (int i = 0; i < 3; i++) {
                clients.add(threads.submit(() -> live(agent, layers, killed, lives)));
            }
            // A kill that meets no load shows nothing.
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (lives.get() < 3 && clients.stream().noneMatch(Future::isDone) && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            TimeUnit.MILLISECONDS.sleep(millis);
            killed.set(true);
            process.kill();
        }
        for (Future<?> client : clients) {
            client.get();
        }
        assertThat(lives.get()).as("whole lives before the kill").isGreaterThanOrEqualTo(3);
    }

    private static void live(AgentUnderTest agent, List<Digest> layers, AtomicBoolean killed, AtomicInteger lives) {
        while (!killed.get()) {
            try {
                ContainerSpec spec = spec(layers, "sh", "-c", "echo hello; exit 3");
                agent.apply(spec, 0);
                agent.apply(spec, 1);
                agent.awaitEnd(spec.id());
                agent.remove(spec.id(), false);
                lives.incrementAndGet();
            } catch (Failure e) {
                if (!killed.get()) {
                    throw e;
                }
            }
        }
    }

    private static void check(AgentUnderTest agent, Map<ContainerId, Observed> running, ContainerSpec ends, String when)
            throws IOException {
        for (Observed before : running.values()) {
            Observed now = agent.observe(before.id());
            assertThat(now.status()).as(when).isEqualTo(Status.RUNNING);
            assertThat(now.pid()).as(when).isEqualTo(before.pid());
            assertThat(now.startedAt()).as(when).isEqualTo(before.startedAt());
        }
        Observed ended = agent.awaitEnd(ends.id());
        assertThat(ended.exitCode()).as(when).isEqualTo(7);
        assertThat(requireNonNull(ended.finishedAt()))
                .isAfter(requireNonNull(ended.startedAt()).plusMillis(1_900));
        assertThat(agent.logText(ends.id(), "")).as(when).isEqualTo("before\nafter\n");
        for (Observed each : agent.everything().containers()) {
            Observed settled = each.status() == Status.RUNNING && !running.containsKey(each.id())
                    ? agent.awaitEnd(each.id())
                    : each;
            if (settled.status() == Status.EXITED && !settled.id().equals(ends.id())) {
                assertThat(settled.exitCode()).as("%s, %s", when, settled).isIn(3, 7);
            }
            if (settled.status() != Status.RUNNING) {
                agent.remove(each.id(), false);
            }
        }
    }
}
