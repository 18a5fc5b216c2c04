package io.longshore.volume;

import static io.longshore.volume.RunningVolumes.caller;
import static io.longshore.volume.RunningVolumes.owner;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.volume.ClaimedVolume;
import io.longshore.contracts.volume.VolumeApi;
import io.longshore.contracts.volume.VolumeClaim;
import io.longshore.platform.data.TestDatabase;
import io.longshore.testnode.volume.TestNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of what a plugin has, and what it has without a row. */
class PluggedVolumesIT {
    private static final TestDatabase DATABASE = TestDatabase.create("volume");

    @TempDir
    static Path directory;

    private static RunningVolumes running;
    private static VolumeApi claims;
    private static Volumes volumes;
    private static VolumeRemoval removal;
    private static VolumeAnswers answers;
    private static TestNode.Volumes node;

    @BeforeAll
    static void start() {
        running = new RunningVolumes(DATABASE, directory);
        claims = running.client(VolumeApi.class);
        volumes = running.bean(Volumes.class);
        removal = running.bean(VolumeRemoval.class);
        answers = running.bean(VolumeAnswers.class);
        node = running.disk();
    }

    @AfterAll
    static void stop() throws IOException {
        running.close();
    }

    @AfterEach
    void nothingIsLeft() {
        DATABASE.jdbc().sql("delete from volume_claim").update();
        DATABASE.jdbc().sql("delete from volume").update();
        DATABASE.jdbc().sql("delete from event").update();
        node.plugged().clear();
        assertThat(node.names()).isEmpty();
    }

    private static Volume create(Caller caller, String json) {
        return volumes.create(caller, NewVolume.parse(json.getBytes(StandardCharsets.UTF_8)));
    }

    private static ClaimedVolume claim(Owner owner, @Nullable String name, @Nullable String driver) {
        VolumeClaim.Wanted wanted = new VolumeClaim.Wanted(name, "/a", driver, Map.of(), Map.of(), false);
        return claims.claim(caller(), new VolumeClaim(owner, NodeId.parse("node-1"), List.of(wanted)))
                .getFirst();
    }

    private static List<String> listed(Caller caller) {
        List<?> all =
                (List<?>) Objects.requireNonNull(answers.list(caller, null).get("Volumes"));
        return all.stream()
                .map(one -> String.valueOf(((Map<?, ?>) one).get("Name")))
                .toList();
    }

    private static List<String> events() {
        return DATABASE.jdbc()
                .sql("select action || ' ' || actor_id as told from event order by xid, seq")
                .query((row, index) -> row.getString("told"))
                .list();
    }

    private static Caller ofAnotherProject() {
        Caller caller = caller();
        return new Caller(caller.principal(), "another", caller.deadline(), caller.traceId());
    }

    @Test
    void whatAPluginRefusesLeavesNoRowAndNoEvent() {
        String body = "{\"Name\": \"data\", \"Driver\": \"plugged\", \"DriverOpts\": {\"size\": \"1g\"}}";
        assertThatThrownBy(() -> create(caller(), body))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("create data: size is no option of this plugin");
        assertThatThrownBy(() -> claim(owner(), "data", "nosuch"))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessage("create data: error looking up volume plugin nosuch: plugin \"nosuch\" not found");
        assertThat(volumes.list("default", null)).isEmpty();
        assertThat(events()).isEmpty();
    }

    @Test
    void itsVolumeIsDescribedByThePlugin() {
        create(caller(), "{\"Name\": \"data\", \"Driver\": \"plugged\"}");
        assertThat(answers.inspect(caller(), "data"))
                .containsEntry("Driver", "plugged")
                .containsEntry("Mountpoint", "/mnt/data")
                .containsEntry("CreatedAt", "2020-02-02T02:02:02Z")
                .containsEntry("Scope", "global");
        node.plugged().clear();
        assertThatThrownBy(() -> answers.inspect(caller(), "data"))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessage("get data: no such volume");
        assertThat(listed(caller())).containsExactly("data");
        removal.remove(caller(), "data", false);
        assertThat(events()).containsExactly("create data", "destroy data");
    }

    @Test
    void oneThatNobodyMadeIsFoundByNameAlone() {
        node.plugged().add("foreign");
        assertThat(listed(caller())).containsExactly("foreign");
        assertThat(volumes.list("default", null)).isEmpty();
        assertThat(claim(owner(), "foreign", null).driver()).isEqualTo("plugged");
        assertThat(claim(owner(), "foreign", null).driver()).isEqualTo("plugged");
        assertThat(claim(owner(), "fresh", null).driver()).isEqualTo("local");
        assertThat(listed(caller())).containsExactly("foreign", "fresh");
        DATABASE.jdbc().sql("delete from volume_claim").update();
        removal.remove(caller(), "fresh", false);
        removal.remove(caller(), "foreign", false);
        assertThat(node.plugged()).isEmpty();
    }

    @Test
    void oneThatNobodyMadeIsRemoved() {
        node.plugged().add("foreign");
        removal.remove(caller(), "foreign", false);
        assertThat(node.plugged()).isEmpty();
        assertThat(volumes.list("default", null)).isEmpty();
    }

    @Test
    void whatAProjectUsesIsNoOthers() {
        create(caller(), "{\"Name\": \"data\", \"Driver\": \"plugged\"}");
        Caller other = ofAnotherProject();
        assertThat(listed(other)).isEmpty();
        assertThatThrownBy(() -> answers.inspect(other, "data")).isInstanceOf(Failure.NotFound.class);
        assertThatThrownBy(() -> removal.remove(other, "data", false)).isInstanceOf(Failure.NotFound.class);
        assertThatThrownBy(() -> create(other, "{\"Name\": \"data\", \"Driver\": \"plugged\"}"))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("already has volume 'data' of another project");
        assertThat(node.plugged()).containsExactly("data");
    }

    @Test
    void whatIsWrongWithAPluginIsAWarning() {
        assertThat(answers.list(caller(), null)).containsEntry("Warnings", List.of("list other: it is ill"));
    }

    @Test
    void whatIsOnNoNodeIsListedWithoutIt() {
        create(caller(), "{\"Name\": \"data\", \"Driver\": \"plugged\"}");
        node.away(true);
        try {
            assertThat(listed(caller())).containsExactly("data");
            assertThat(answers.list(caller(), null).get("Warnings")).asString().contains("the node is away");
        } finally {
            node.away(false);
        }
    }

    @Test
    void anAnonymousOneOfNoPluginLeavesNothing() {
        assertThatThrownBy(() -> claim(owner(), null, "nosuch"))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining("plugin \"nosuch\" not found");
        assertThat(volumes.list("default", null)).isEmpty();
        assertThat(DATABASE.jdbc()
                        .sql("select count(*) from volume_claim")
                        .query(Integer.class)
                        .single())
                .isZero();
    }

    /** As when somebody has uninstalled it. */
    @Test
    void aContainerGoesThoughItsPluginIsThereNoMore() {
        Owner owner = owner();
        claim(owner, null, "plugged");
        DATABASE.jdbc().sql("update volume set driver = 'gone'").update();
        removal.discard(caller(), owner);
        assertThat(volumes.list("default", null)).isEmpty();
    }

    @Test
    void ofTwoProjectsAtOnceOneGetsIt() throws Exception {
        String body = "{\"Name\": \"data\", \"Driver\": \"plugged\"}";
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 20; round++) {
                List<Callable<String>> calls =
                        List.of(() -> outcome(caller(), body), () -> outcome(ofAnotherProject(), body));
                List<String> outcomes = new ArrayList<>();
                for (Future<String> one : threads.invokeAll(calls)) {
                    outcomes.add(one.get());
                }
                assertThat(outcomes).containsOnlyOnce("made").anyMatch(one -> one.contains("of another project"));
                DATABASE.jdbc().sql("delete from volume").update();
            }
        }
    }

    private static String outcome(Caller caller, String body) {
        try {
            create(caller, body);
            return "made";
        } catch (Failure.Conflict e) {
            return e.text();
        }
    }

    @Test
    void oneThatNobodyMadeAndThatCannotBeRemovedStaysNobodys() {
        node.plugged().add("foreign");
        node.stuck(true);
        try {
            assertThatThrownBy(() -> removal.remove(caller(), "foreign", false)).hasMessageContaining("resource busy");
        } finally {
            node.stuck(false);
        }
        assertThat(volumes.list("default", null)).isEmpty();
        assertThat(listed(ofAnotherProject())).containsExactly("foreign");
    }
}
