package io.longshore.acceptance.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.crash.load.Life;
import io.longshore.acceptance.crash.load.Load;
import io.longshore.acceptance.crash.load.Origin;
import io.longshore.acceptance.crash.load.Starts;
import io.longshore.acceptance.running.Emptied;
import io.longshore.acceptance.running.Form;
import io.longshore.acceptance.running.LeakCheck;
import io.longshore.acceptance.running.OwnThread;
import io.longshore.acceptance.running.RunningEngines;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.engine.Supervisors;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.process.Await;
import io.longshore.testbed.process.Trees;
import io.longshore.testbed.registry.DebianRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * kill -9 of Longshore at random moments under a load of containers of all kinds ({@link Life}). The seed is printed and may be given
 * ({@code -Dacceptance.seed}); {@code -Dacceptance.kills=100} is the full number.
 */
@Order(2)
@ParameterizedClass(name = "{0}")
@MethodSource("io.longshore.acceptance.running.Form#picked")
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(providers = OwnThread.class)
@ExtendWith(RunningEngines.class)
@Timeout(value = 6, unit = TimeUnit.HOURS)
class CrashRootIT {
    private static final int KILLS = Integer.getInteger("acceptance.kills", 2);
    private static final long SEED = Long.getLong("acceptance.seed", 20_261_123L);
    /** Each second one waits for something that is to be met: of so many some for each. */
    private static final int ENOUGH = 30;

    private static final int AT_ONCE = 64;
    /** Of those that are answered before the crash; the others are under way. */
    private static final int SOME = 16;
    /** Loads whose containers are kept and looked at again after later kills. */
    private static final int KEPT = 5;

    @Parameter
    @SuppressWarnings("NullAway.Init")
    Form form;

    @SuppressWarnings("NullAway.Init")
    Longshore longshore;

    @BeforeEach
    void open(RunningEngines.Started engines) {
        assumeTrue(form.longshore(), "about Longshore");
        longshore = (Longshore) engines.of(form);
    }

    @Test
    void containersLogsAndExitCodesOutliveTheCrash() {
        String survivor = create("sh", "-c", "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.02; done");
        String ending = create("sh", "-c", "sleep 1; echo last words; exit 42");
        start(survivor);
        start(ending);
        long pid = longshore
                .call(Request.get("/containers/" + survivor + "/json"))
                .json()
                .path("State")
                .path("Pid")
                .asLong();
        longshore.crash();
        LockSupport.parkNanos(Duration.ofMillis(2500).toNanos());
        assertThat(ProcessHandle.of(pid))
                .as("the container's process while Longshore is away")
                .isPresent();
        longshore.restart();
        var state = longshore
                .call(Request.get("/containers/" + survivor + "/json"))
                .json()
                .path("State");
        assertThat(state.path("Status").asString()).isEqualTo("running");
        assertThat(state.path("Pid").asLong()).isEqualTo(pid);
        await(ending, "exited");
        assertThat(longshore
                        .call(Request.get("/containers/" + ending + "/json"))
                        .json()
                        .path("State")
                        .path("ExitCode")
                        .asInt())
                .isEqualTo(42);
        assertThat(longshore
                        .call(Request.get("/containers/" + ending + "/logs?stdout=1"))
                        .text())
                .contains("last words\n");
        longshore.call(Request.post("/containers/" + survivor + "/stop?t=0"));
        numbered(survivor);
        remove(survivor);
        remove(ending);
        LeakCheck.check(longshore);
    }

    @Test
    void aPausedContainerWhoseSupervisorIsKilledEnds() {
        String id = create("sleep", "3600");
        start(id);
        assertThat(longshore.call(Request.post("/containers/" + id + "/pause")).status())
                .isEqualTo(204);
        Supervisors.of(longshore.cgroup()).stream()
                .filter(supervisor -> supervisor.container().equals(id))
                .map(supervisor -> ProcessHandle.of(supervisor.pid()).orElseThrow())
                .forEach(ProcessHandle::destroyForcibly);
        await(id, "exited");
        remove(id);
        LeakCheck.check(longshore);
    }

    /** A crash in the middle of 64 at once, and 64 more after it. */
    @Test
    void noAddressIsGivenTwice() throws IOException {
        String network = longshore
                .call(Request.post(
                        "/networks/create",
                        "{\"Name\":\"once\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.231.0.0/24\"}]}}"))
                .expect(201)
                .json()
                .path("Id")
                .asString();
        Starts before = new Starts(longshore.socket(), network, AT_ONCE);
        before.crash(longshore, SOME);
        longshore.restart();
        Starts after = new Starts(longshore.socket(), network, AT_ONCE);
        assertThat(after.join()).as("started after the crash").isEqualTo(AT_ONCE);
        // What they are told to have is what their sandboxes have.
        LeakCheck.onTheMachine(longshore);
        List<String> addresses = longshore
                .call(Request.get("/networks/" + network))
                .json()
                .path("Containers")
                .valueStream()
                .map(each -> each.path("IPv4Address").asString())
                .toList();
        assertThat(addresses).hasSizeGreaterThanOrEqualTo(AT_ONCE).doesNotHaveDuplicates();
        Emptied.of(longshore);
        LeakCheck.check(longshore);
    }

    @Test
    void nothingIsLostAtAnyMoment() throws IOException {
        Path directory = Files.createTempDirectory("longshore-registry-");
        try (DebianRegistry registry =
                DebianRegistry.start(directory.resolve("registry"), DebianRegistry.Options.OPEN, null)) {
            nothingIsLost(new Origin.Offered(registry));
        } finally {
            Trees.delete(directory);
        }
    }

    private void nothingIsLost(Origin.Offered images) {
        Random random = new Random(SEED);
        // Eight processes take eight times as long to start again.
        int kills = form == Form.PROCESSES ? Math.max(1, KILLS / 3) : KILLS;
        Soak soak = new Soak(form.name().toLowerCase(Locale.ROOT), "kill -9 at " + kills + " random moments", SEED);
        Deque<Load> loads = new ArrayDeque<>();
        Set<String> underWay = new TreeSet<>();
        int lives = 0;
        int early = 0;
        for (int kill = 0; kill < kills; kill++) {
            String when = "kill " + kill + " of seed " + SEED;
            Load load = new Load(longshore.socket(), images, SEED + kill);
            loads.add(load);
            load.start();
            pause(random, 0, 2500);
            if (kill % 2 == 1) {
                load.await(Load.TO_MEET.get(kill / 2 % Load.TO_MEET.size()));
            }
            Load.Met met = load.crash(longshore);
            lives += met.lives();
            underWay.addAll(met.underWay());
            // Now and then once more, in the middle of the recovery.
            if (kill % 3 == 0) {
                longshore.begin();
                pause(random, 500, 5000);
                longshore.crash();
                early++;
            }
            longshore.restart();
            // What an earlier crash left whole, a later one may not lose either.
            loads.forEach(each -> each.check(longshore, when));
            LeakCheck.onTheMachine(longshore);
            if (loads.size() == KEPT) {
                loads.remove().remove(longshore, when);
            }
        }
        LeakCheck.check(longshore);
        loads.forEach(load -> load.remove(longshore, "in the end"));
        LeakCheck.check(longshore);
        if (kills >= ENOUGH) {
            assertThat(underWay).as("what was under way at some kill").containsAll(Load.TO_MEET);
        }
        soak.done(early + " more during recovery; " + lives
                + " whole lives before them; nothing lost that was answered, nothing left behind");
    }

    private static void pause(Random random, int least, int most) {
        LockSupport.parkNanos(
                Duration.ofMillis(least + random.nextInt(most - least)).toNanos());
    }

    /** For the next class also when a check has failed. */
    @AfterEach
    void removeAll() {
        if (longshore != null) {
            Emptied.of(longshore);
        }
    }

    private void numbered(String id) {
        List<String> lines = Life.logLines(longshore, id);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i)).as("line %d of the log of %s", i, id).isEqualTo("line " + (i + 1));
        }
        assertThat(lines).hasSizeGreaterThan(50);
    }

    private String create(String... command) {
        return Life.create(longshore, command);
    }

    private void start(String id) {
        assertThat(longshore.call(Request.post("/containers/" + id + "/start")).status())
                .isEqualTo(204);
    }

    private void remove(String id) {
        assertThat(longshore
                        .call(Request.delete("/containers/" + id + "?force=1"))
                        .status())
                .isEqualTo(204);
    }

    private void await(String id, String status) {
        String now = Await.answer(
                Duration.ofSeconds(20),
                () -> Life.status(longshore
                        .call(Request.get("/containers/" + id + "/json"))
                        .json()),
                status::equals);
        assertThat(now).as("status of %s", id).isEqualTo(status);
    }
}
