package io.longshore.volume;

import static io.longshore.volume.RunningVolumes.caller;
import static io.longshore.volume.RunningVolumes.owner;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.volume.ClaimedVolume;
import io.longshore.contracts.volume.VolumeApi;
import io.longshore.contracts.volume.VolumeClaim;
import io.longshore.contracts.volume.VolumeDiscard;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.testnode.volume.TestNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamedVolumesIT {
    private static final TestDatabase DATABASE = TestDatabase.create("volume");
    private static final ApiVersion LATEST = ApiVersion.parse("1.51");
    private static final ApiVersion OLD = ApiVersion.parse("1.41");

    @TempDir
    static Path directory;

    private static RunningVolumes running;
    private static VolumeApi claims;
    private static Volumes volumes;
    private static VolumeRemoval removal;
    private static VolumePruning pruning;
    private static TestNode.Volumes disk;

    @BeforeAll
    static void start() {
        running = new RunningVolumes(DATABASE, directory);
        claims = running.client(VolumeApi.class);
        volumes = running.bean(Volumes.class);
        removal = running.bean(VolumeRemoval.class);
        pruning = running.bean(VolumePruning.class);
        disk = running.disk();
    }

    @AfterAll
    static void stop() throws IOException {
        running.close();
    }

    @AfterEach
    void nothingIsLeft() {
        DATABASE.jdbc().sql("delete from volume_claim").update();
        pruning.prune(caller(), null, OLD);
        volumes.list("default", null).forEach(volume -> removal.remove(caller(), volume.name(), false));
        assertThat(disk.names()).isEmpty();
        DATABASE.jdbc().sql("delete from event").update();
    }

    private static NewVolume body(String json) {
        return NewVolume.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private static Volume create(String json) {
        return volumes.create(caller(), body(json));
    }

    private static List<ClaimedVolume> claim(Owner owner, @Nullable String name, boolean inherited) {
        VolumeClaim.Wanted wanted = new VolumeClaim.Wanted(name, "/a", null, Map.of(), Map.of(), inherited);
        return claims.claim(caller(), new VolumeClaim(owner, NodeId.parse("node-1"), List.of(wanted)));
    }

    private static List<String> events() {
        return DATABASE.jdbc()
                .sql("select action || ' ' || actor_id as told from event order by xid, seq")
                .query((row, index) -> row.getString("told"))
                .list();
    }

    @Test
    void createdOnceWhateverTheNameIsAskedFor() {
        Volume made = create("{\"Name\": \"data\", \"Labels\": {\"a\": \"b\"}}");
        assertThat(made.labels()).isEqualTo(Map.of("a", "b"));
        assertThat(made.options()).isNull();
        assertThat(create("{\"Name\": \"data\", \"Labels\": {\"a\": \"other\"}}")
                        .labels())
                .isEqualTo(Map.of("a", "b"));
        assertThat(disk.names()).containsExactly("data");
        assertThat(events()).containsExactly("create data");
    }

    @Test
    void whereTheyAreIsTold() {
        create("{\"Name\": \"data\"}");
        assertThat(claims.places(caller(), Set.of("data", "other"))).isEqualTo(Map.of("data", NodeId.parse("node-1")));
        assertThat(claims.places(caller(), Set.of())).isEmpty();
    }

    /** Text that looks like an escaped NUL is none. */
    @Test
    void labelsMayHoldBackslashes() {
        assertThat(create("{\"Name\": \"data\", \"Labels\": {\"a\": \"\\\\u0000\"}}")
                        .labels())
                .isEqualTo(Map.of("a", "\\u0000"));
    }

    @Test
    void oneWithoutANameIsAnonymous() {
        Volume made = create("{}");
        assertThat(made.name()).matches("[0-9a-f]{64}");
        assertThat(made.anonymous()).isTrue();
        assertThat(made.labels()).containsEntry(Volume.ANONYMOUS, "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"Name\": \"a\"}| volume name is too short",
                "{\"Name\": \"../x\"}| includes invalid characters for a local volume name",
                "{\"Name\": \"a/b\"}| If you intended to pass a host directory, use absolute path",
                "{\"Name\": \".hidden\"}| includes invalid characters",
                "{\"Name\": \"dd\", \"DriverOpts\": {\"colour\": \"x\"}}| invalid option: \"colour\"",
                "{\"Name\": \"dd\", \"DriverOpts\": {\"type\": \"x\"}}| missing required option: \"device\"",
                "{\"Name\": \"dd\", \"DriverOpts\": {\"size\": \"1g\"}}| quota size requested but no quota support",
                "{\"Name\": 5}| invalid JSON",
                "[]| the body must be an object",
                "{\"Name\": \"a\\u0000b\"}| NUL character",
                "{\"Name\": \"dd\", \"Labels\": {\"a\": \"b\\u0000\"}}| invalid Labels.a",
            })
    void whatIsWrongIsSaid(String body, String words) {
        assertThatThrownBy(() -> create(body))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(words);
        assertThat(events()).isEmpty();
    }

    @Test
    void aDriverThatIsNotThereIsNotFound() {
        assertThatThrownBy(() -> create("{\"Name\": \"dd\", \"Driver\": \"cloud\"}"))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining("error looking up volume plugin cloud: plugin \"cloud\" not found");
    }

    @Test
    void oneInUseIsNotRemovedAndSaysByWhom() {
        create("{\"Name\": \"data\"}");
        Owner one = owner();
        Owner other = owner();
        claim(one, "data", false);
        claim(other, "data", false);
        assertThatThrownBy(() -> removal.remove(caller(), "data", true))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("remove data: volume is in use - [")
                .hasMessageContaining(one.container().value())
                .hasMessageContaining(other.container().value());
        claims.release(caller(), List.of(one, other));
        removal.remove(caller(), "data", false);
        assertThat(disk.names()).isEmpty();
        assertThat(events()).containsExactly("create data", "destroy data");
    }

    @Test
    void oneThatIsNotThereIsNotFoundUnlessForced() {
        assertThatThrownBy(() -> removal.remove(caller(), "data", false))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessage("get data: no such volume");
        assertThatCode(() -> removal.remove(caller(), "data", true)).doesNotThrowAnyException();
    }

    @Test
    void namedVolumesStayWhenTheirContainerGoesWithItsVolumes() {
        Owner owner = owner();
        assertThat(claim(owner, "data", false)).singleElement().satisfies(one -> {
            assertThat(one.anonymous()).isFalse();
            assertThat(one.name()).isEqualTo("data");
        });
        claims.discard(caller(), new VolumeDiscard(owner));
        assertThat(disk.names()).containsExactly("data");
    }

    /** As in Docker: who names it keeps it, and who has it from another container takes it along if it is the last. */
    @Test
    void anAnonymousVolumeThatIsNamedStays() {
        Owner maker = owner();
        Owner naming = owner();
        Owner inheriting = owner();
        String name = claim(maker, null, false).getFirst().name();
        claim(naming, name, false);
        claim(inheriting, name, true);
        claims.discard(caller(), new VolumeDiscard(maker));
        claims.release(caller(), List.of(inheriting));
        claims.discard(caller(), new VolumeDiscard(naming));
        assertThat(disk.names()).containsExactly(name);
        claim(inheriting, name, true);
        claims.discard(caller(), new VolumeDiscard(inheriting));
        assertThat(disk.names()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pruneSparesNamedOnesSinceVersion42(boolean latest) {
        create("{\"Name\": \"named\"}");
        create("{\"Name\": \"used\"}");
        String anonymous = create("{}").name();
        claim(owner(), "used", false);
        VolumePruning.Pruned pruned = pruning.prune(caller(), null, latest ? LATEST : OLD);
        assertThat(pruned.removed())
                .containsExactlyInAnyOrderElementsOf(latest ? List.of(anonymous) : List.of(anonymous, "named"));
        assertThat(pruned.reclaimed())
                .isEqualTo((long) TestNode.BYTES * pruned.removed().size());
        assertThat(pruning.prune(caller(), "{\"all\": [\"true\"]}", LATEST).removed())
                .isEqualTo(latest ? List.of("named") : List.of());
    }

    @Test
    void pruneFiltersByLabelAndRefusesWhatItDoesNotKnow() {
        create("{\"Name\": \"kept\", \"Labels\": {\"keep\": \"\"}}");
        create("{\"Name\": \"gone\", \"Labels\": {\"a\": \"b\"}}");
        create("{\"Name\": \"other\"}");
        assertThat(pruning.prune(caller(), "{\"label!\": [\"keep\"], \"label\": [\"a=b\"]}", OLD)
                        .removed())
                .containsExactly("gone");
        assertThatThrownBy(() -> pruning.prune(caller(), "{\"all\": [\"1\"]}", OLD))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("all");
    }

    /** What somebody claims while it is being removed keeps its data or is refused; nobody gets a volume that goes away under it. */
    @Test
    void claimAndRemovalAtOnceNeverLoseAClaimedVolume() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 20; round++) {
                create("{\"Name\": \"data\"}");
                Owner owner = owner();
                List<Callable<Boolean>> calls = new ArrayList<>();
                calls.add(() -> succeeds(() -> claim(owner, "data", false)));
                calls.add(() -> succeeds(() -> removal.remove(caller(), "data", false)));
                List<Future<Boolean>> done = threads.invokeAll(calls);
                if (done.getFirst().get()) {
                    assertThat(disk.names()).containsExactly("data");
                    assertThat(volumes.find(caller(), "data").removingSince()).isNull();
                } else {
                    assertThat(done.get(1).get()).isTrue();
                }
                claims.release(caller(), List.of(owner));
                removal.remove(caller(), "data", true);
            }
        }
    }

    private static boolean succeeds(Runnable work) {
        try {
            work.run();
            return true;
        } catch (Failure.Conflict | Failure.NotFound e) {
            return false;
        }
    }

    @Test
    void whatACrashLeftMarkedIsFinishedBeforeItsNameIsUsedAgain() {
        create("{\"Name\": \"data\"}");
        DATABASE.jdbc().sql("update volume set removing_since = now()").update();
        assertThatThrownBy(() -> claim(owner(), "data", false))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessage("volume data is being removed: try again in a moment");
        DATABASE.jdbc()
                .sql("update volume set removing_since = now() - interval '1 hour'")
                .update();
        assertThat(claim(owner(), "data", false)).hasSize(1);
        assertThat(events()).containsExactly("create data", "destroy data", "create data");
    }

    /** Its node may still be about it. */
    @Test
    void whatWasNotRemovedInTimeIsNobodysAndIsFinished() {
        create("{\"Name\": \"data\"}");
        disk.late(true);
        try {
            assertThatThrownBy(() -> removal.remove(caller(), "data", false))
                    .isInstanceOf(Failure.DeadlineExceeded.class);
            assertThatThrownBy(() -> claim(owner(), "data", false)).hasMessageContaining("is being removed");
            DATABASE.jdbc()
                    .sql("update volume set removing_since = now() - interval '1 hour'")
                    .update();
            running.bean(VolumeRemoval.class).sweep(project -> caller());
            assertThatThrownBy(() -> claim(owner(), "data", false)).hasMessageContaining("is being removed");
        } finally {
            disk.late(false);
        }
        DATABASE.jdbc()
                .sql("update volume set removing_since = now() - interval '1 hour'")
                .update();
        running.bean(VolumeRemoval.class).sweep(project -> caller());
        assertThat(volumes.list("default", null)).isEmpty();
    }

    /** A half-removed one is given to nobody, and neither is one that its container's removal is about. */
    @Test
    void whatCannotBeFinishedStaysMarked() {
        create("{\"Name\": \"data\"}");
        create("{\"Name\": \"held\"}");
        Owner owner = owner();
        claim(owner, "held", false);
        DATABASE.jdbc()
                .sql("update volume set removing_since = now() - interval '1 hour'")
                .update();
        disk.stuck(true);
        try {
            running.bean(VolumeRemoval.class).sweep(project -> caller());
        } finally {
            disk.stuck(false);
        }
        assertThat(volumes.find(caller(), "data").removingSince()).isNotNull();
        DATABASE.jdbc()
                .sql("update volume set removing_since = now() - interval '1 hour'")
                .update();
        running.bean(VolumeRemoval.class).sweep(project -> caller());
        assertThat(volumes.list("default", null)).extracting(Volume::name).containsExactly("held");
        assertThat(disk.names()).containsExactly("held");
        DATABASE.jdbc().sql("update volume set removing_since = null").update();
        claims.release(caller(), List.of(owner));
        removal.remove(caller(), "held", false);
    }

    @Test
    void whatACrashLeftMarkedIsFinishedThoughNobodyWantsIt() {
        create("{\"Name\": \"data\"}");
        create("{\"Name\": \"other\"}");
        DATABASE.jdbc()
                .sql(
                        "update volume set removing_since = now() - case name when 'data' then interval '1 hour' else interval '1 s' end")
                .update();
        running.bean(VolumeRemoval.class).sweep(project -> caller());
        assertThat(disk.names()).containsExactly("other");
        assertThat(volumes.list("default", null)).extracting(Volume::name).containsExactly("other");
        assertThat(events()).containsExactly("create data", "create other", "destroy data");
        DATABASE.jdbc().sql("update volume set removing_since = null").update();
    }

    /** Who is late with a removal neither ends nor undoes that of who has taken it over. */
    @Test
    void onlyTheLastMarkCounts() {
        VolumeRepository repository = running.bean(VolumeRepository.class);
        Volume first = repository.mark(create("{\"Name\": \"data\"}"));
        Volume second = repository.mark(first);
        repository.unmark(first);
        assertThat(repository.delete(first)).isFalse();
        assertThat(volumes.find(caller(), "data").removingSince()).isEqualTo(second.removingSince());
        repository.unmark(second);
        assertThat(volumes.find(caller(), "data").removingSince()).isNull();
    }

    /** Who finishes a removal that somebody abandoned takes no volume away that another has made since. */
    @Test
    void manyFinishAnAbandonedRemovalOnce() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 10; round++) {
                create("{\"Name\": \"data\"}");
                DATABASE.jdbc()
                        .sql("update volume set removing_since = now() - interval '1 hour'")
                        .update();
                List<Callable<Boolean>> calls = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    calls.add(() -> succeeds(() -> create("{\"Name\": \"data\"}")));
                }
                boolean made = false;
                for (Future<Boolean> call : threads.invokeAll(calls)) {
                    made |= call.get();
                }
                assertThat(made).isTrue();
                assertThat(disk.names()).containsExactly("data");
                assertThat(events()).containsExactly("create data", "destroy data", "create data");
                removal.remove(caller(), "data", false);
                DATABASE.jdbc().sql("delete from event").update();
            }
        }
    }

    @Test
    void manyContainersAtOnceGetOneVolume() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<List<ClaimedVolume>>> calls = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                calls.add(() -> claim(owner(), "shared", false));
            }
            for (Future<List<ClaimedVolume>> call : threads.invokeAll(calls)) {
                assertThat(call.get()).extracting(ClaimedVolume::name).containsExactly("shared");
            }
        }
        assertThat(events()).containsExactly("create shared");
    }

    @Test
    void oneThatItsNodeCannotRemoveCanBeUsedAgain() {
        create("{\"Name\": \"data\"}");
        disk.stuck(true);
        try {
            assertThatThrownBy(() -> removal.remove(caller(), "data", false)).isInstanceOf(Failure.Internal.class);
        } finally {
            disk.stuck(false);
        }
        assertThat(claim(owner(), "data", false)).hasSize(1);
    }
}
