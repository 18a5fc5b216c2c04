package io.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.longshore.container.placement.Reservation;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.Reserving;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.stream.ByteStream;
import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.stream.StreamRequest;
import io.longshore.testworld.World;
import io.longshore.testworld.World.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several clients at one container at the same time, and slow ones that must not hold up the others. */
class RacesIT {
    @TempDir
    static Path directory;

    private static World world;

    @BeforeAll
    static void start() {
        world = new World(directory);
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @AfterEach
    void nothingIsLeft() {
        world.volumes().discardTakes(Duration.ZERO);
        for (var container : world.get("/containers/json?all=1").body()) {
            world.call("DELETE", "/containers/" + container.path("Id").asString() + "?force=1&v=1", null);
        }
        World.await("nothing on the node", () -> world.agent().present() == 0);
        World.await("no rows", () -> rows() == 0);
    }

    private static int rows() {
        return world.database()
                .jdbc()
                .sql("select count(*) from container")
                .query(Integer.class)
                .single();
    }

    @Test
    void aSlowRemovalKeepsNoOtherContainerFromEnding() throws Exception {
        String slow = world.createWith("", "data", "", "sleep");
        String other = world.create("", "sleep");
        world.post("/containers/" + slow + "/start");
        world.post("/containers/" + slow + "/kill");
        world.post("/containers/" + other + "/start");
        world.volumes().discardTakes(Duration.ofSeconds(8));
        CompletableFuture<Answer> removal =
                inBackground(() -> world.call("DELETE", "/containers/" + slow + "?v=1", null));
        World.await("the removal has begun", () -> world.agent().present() == 1);
        world.agent().crash(ContainerId.parse(other), 3);
        Answer waited = world.post("/containers/" + other + "/wait");
        assertThat(waited.body().path("StatusCode").asInt()).isEqualTo(3);
        assertThat(removal).isNotDone();
        assertThat(removal.get(20, TimeUnit.SECONDS).status()).isEqualTo(204);
    }

    @Test
    void aRestartThatWaitsForAGraceIsCutShortByARemoval() throws Exception {
        String id = world.create("", "stubborn");
        world.post("/containers/" + id + "/start");
        CompletableFuture<Answer> restart = inBackground(() -> world.post("/containers/" + id + "/restart?t=25"));
        World.await("the restart has begun", () -> world.actions(id, 1).contains("kill"));
        assertThat(world.call("DELETE", "/containers/" + id + "?force=1", null).status())
                .isEqualTo(204);
        assertThat(restart.get(15, TimeUnit.SECONDS).status()).isEqualTo(404);
        assertThat(world.agent().present()).isZero();
    }

    @Test
    void aRestartDoesNotRemoveWhatRemovesItselfAtTheEnd() {
        String id = world.createWith("", "busybox", "\"AutoRemove\": true", "sleep");
        world.post("/containers/" + id + "/start");
        for (int round = 0; round < 10; round++) {
            assertThat(world.post("/containers/" + id + "/restart").status()).isEqualTo(204);
            assertThat(world.state(id).path("Running").asBoolean()).isTrue();
        }
        assertThat(world.post("/containers/" + id + "/kill").status()).isEqualTo(204);
        World.await(
                "its removal", () -> world.get("/containers/" + id + "/json").status() == 404);
    }

    @Test
    void aWaitIsOverWhenTheNextStartFollowsTheEndAtOnce() throws Exception {
        String id = world.create("", "sleep");
        world.post("/containers/" + id + "/start");
        for (int round = 0; round < 10; round++) {
            try (ByteStream waiting =
                    world.streams().download(World.caller(), StreamRequest.post("/containers/" + id + "/wait"))) {
                assertThat(world.post("/containers/" + id + "/restart?t=1").status())
                        .isEqualTo(204);
                assertThat(new String(waiting.input().readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("{\"StatusCode\":143}");
            }
        }
    }

    @Test
    void whoeverComesTogetherLeavesNothingBehind() throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 40; round++) {
                oneRound(clients, round);
            }
        }
    }

    private static void oneRound(ExecutorService clients, int round) throws Exception {
        String id = world.create("", round % 3 == 0 ? "true" : "sleep");
        String path = "/containers/" + id;
        List<Callable<Integer>> calls = List.of(
                () -> world.post(path + "/start").status(),
                () -> attach(path),
                () -> world.post(path + "/rename?name=other-" + round).status(),
                () -> world.post(path + "/restart?t=1").status(),
                () -> world.post(path + "/kill").status(),
                () -> world.call("DELETE", path + "?force=1", null).status());
        List<Future<Integer>> answers = new ArrayList<>();
        for (int n = 0; n < calls.size(); n++) {
            answers.add(clients.submit(calls.get((n + round) % calls.size())));
        }
        for (Future<Integer> answer : answers) {
            assertThat(answer.get(30, TimeUnit.SECONDS)).isIn(101, 204, 304, 404, 409);
        }
        assertThat(world.get(path + "/json").status()).isEqualTo(404);
        World.await("nothing on the node", () -> world.agent().present() == 0);
        assertThat(world.actions(id, 2)).startsWith("create").containsOnlyOnce("create", "destroy");
    }

    @Test
    void aNameThatIsJustGivenAwayHoldsUpOnlyWhoWantsIt() throws Exception {
        ContainerStore store = world.service().context().getBean(ContainerStore.class);
        ContainerRow like =
                store.byId(ContainerId.parse(world.create("one", "sleep"))).orElseThrow();
        String two = world.create("two", "sleep");
        List<Thread> others = new ArrayList<>();
        try (Connection first = renaming(like.id().value(), "first");
                Connection second = renaming(two, "second")) {
            Thread alone = inserting(store, like, "first");
            World.await("it waits for its name", () -> waitingForLocks() == 1);
            Thread held = inserting(store, like, "second");
            for (int n = 1; n < 8; n++) {
                others.add(inserting(store, like, "other" + n));
            }
            World.await("the others wait for it", () -> others.stream().allMatch(RacesIT::waits) && waits(held));
            first.rollback();
            World.await("all others are there", () -> rows() == 2 + 1 + others.size());
            assertThat(held.isAlive()).isTrue();
            second.rollback();
            held.join();
            alone.join();
        }
        assertThat(rows()).isEqualTo(2 + 2 + others.size());
        world.database()
                .jdbc()
                .sql("delete from container where name in ('first', 'second') or name like 'other%'")
                .update();
    }

    private static boolean waits(Thread thread) {
        return thread.getState() == Thread.State.TIMED_WAITING;
    }

    private static int waitingForLocks() {
        return world.database()
                .jdbc()
                .sql("select count(*) from pg_locks where not granted")
                .query(Integer.class)
                .single();
    }

    /** A transaction that is open, in which this container has that name. */
    private static Connection renaming(String id, String name) throws SQLException {
        var database = world.database();
        Connection open = DriverManager.getConnection(database.url(), database.user(), database.password());
        open.setAutoCommit(false);
        try (Statement statement = open.createStatement()) {
            statement.execute(
                    "update " + database.schema() + ".container set name = '" + name + "' where id = '" + id + "'");
        }
        return open;
    }

    private static Thread inserting(ContainerStore store, ContainerRow like, String name) {
        ContainerRow row = new ContainerRow(
                ContainerId.random(),
                like.project(),
                name,
                1,
                1,
                ContainerState.CREATED,
                like.node(),
                like.image(),
                like.created(),
                false,
                like.request(),
                like.spec(),
                null,
                0,
                0);
        Reserving nothing = new Reserving(new Reservation(0, 0, List.of()), false, 0, 0, false);
        return Thread.ofPlatform().daemon().start(() -> store.insert(row, nothing, List.of(), Duration.ofMinutes(1)));
    }

    @Test
    void aListOfThoseThatRunHasNoneThatEndedMeanwhile() {
        ContainerStore store = world.service().context().getBean(ContainerStore.class);
        String id = world.create("", "sleep");
        world.post("/containers/" + id + "/start");
        List<ContainerStore.Head> heads = store.heads("default", true);
        assertThat(store.rows(heads, true)).hasSize(1);
        world.post("/containers/" + id + "/kill");
        world.post("/containers/" + id + "/wait");
        assertThat(store.rows(heads, true)).isEmpty();
        assertThat(store.rows(heads, false)).hasSize(1);
    }

    /** 101, or the status of the refusal. */
    private static int attach(String path) throws IOException {
        try (Duplex attached =
                world.streams().duplex(World.caller(), StreamRequest.post(path + "/attach?stream=1&stdout=1"))) {
            assertThatCode(() -> attached.input().readAllBytes()).doesNotThrowAnyException();
            return 101;
        } catch (io.longshore.contracts.error.Failure.NotFound e) {
            return 404;
        } catch (io.longshore.contracts.error.Failure.Conflict e) {
            return 409;
        }
    }

    private static CompletableFuture<Answer> inBackground(Callable<Answer> call) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return call.call();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }
}
