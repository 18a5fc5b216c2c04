package io.longshore.volume;

import static io.longshore.volume.RunningVolumes.caller;
import static io.longshore.volume.RunningVolumes.owner;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.volume.ClaimedVolume;
import io.longshore.contracts.volume.VolumeApi;
import io.longshore.contracts.volume.VolumeClaim;
import io.longshore.contracts.volume.VolumeDiscard;
import io.longshore.contracts.volume.VolumeUsageApi;
import io.longshore.platform.data.TestDatabase;
import io.longshore.testnode.volume.TestNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.GetExchange;

class VolumesIT {
    private static final TestDatabase DATABASE = TestDatabase.create("volume");

    @TempDir
    static Path directory;

    private static RunningVolumes running;
    private static VolumeApi volumes;
    private static Engine engine;
    private static TestNode.Volumes disk;

    @BeforeAll
    static void start() {
        running = new RunningVolumes(DATABASE, directory);
        volumes = running.client(VolumeApi.class);
        engine = running.client(Engine.class);
        disk = running.disk();
    }

    @AfterAll
    static void stop() throws IOException {
        running.close();
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(disk.names()).isEmpty();
        assertThat(count("volume") + count("volume_claim")).isZero();
    }

    private static VolumeClaim claim(Owner owner, String... destinations) {
        return new VolumeClaim(
                owner,
                NodeId.parse("node-1"),
                Arrays.stream(destinations)
                        .map(one -> new VolumeClaim.Wanted(null, one, null, Map.of(), Map.of(), false))
                        .toList());
    }

    @Test
    void claimedIsMadeAndDiscardedIsGone() {
        Owner owner = owner();
        List<ClaimedVolume> claimed = volumes.claim(caller(), claim(owner, "/a", "/b"));
        assertThat(claimed).extracting(ClaimedVolume::destination).containsExactly("/a", "/b");
        assertThat(claimed).allMatch(one -> one.anonymous() && one.name().matches("[0-9a-f]{64}"));
        assertThat(disk.names())
                .containsExactlyInAnyOrder(claimed.get(0).name(), claimed.get(1).name());
        assertThat(volumes.claim(caller(), claim(owner, "/b", "/a"))).containsExactly(claimed.get(1), claimed.get(0));
        assertThat(volumes.list(caller(), null, 10).claims())
                .extracting(ClaimPage.Held::owner)
                .containsExactly(owner);
        volumes.discard(caller(), new VolumeDiscard(owner));
        volumes.discard(caller(), new VolumeDiscard(owner));
        assertThat(volumes.list(caller(), null, 10).claims()).isEmpty();
        assertThat(DATABASE.jdbc()
                        .sql("select action from event where actor_id = :id order by xid, seq")
                        .param("id", claimed.get(0).name())
                        .query(String.class)
                        .list())
                .containsExactly("create", "destroy");
    }

    /** What clients ask. */
    interface Engine {
        @GetExchange("/volumes")
        Map<String, Object> list(Caller caller, @RequestParam String filters);

        @GetExchange("/volumes/{name}")
        Map<String, Object> inspect(Caller caller, @PathVariable String name);
    }

    private static List<?> listed(String filters) {
        return (List<?>) Objects.requireNonNull(engine.list(caller(), filters).get("Volumes"));
    }

    @Test
    void clientsSeeVolumes() {
        Owner owner = owner();
        String name = volumes.claim(caller(), claim(owner, "/a")).getFirst().name();
        assertThat(engine.inspect(caller(), name))
                .containsEntry("Name", name)
                .containsEntry("Driver", "local")
                .containsEntry("Labels", Map.of("com.docker.volume.anonymous", ""))
                .hasEntrySatisfying(
                        "Mountpoint", path -> assertThat(path.toString()).endsWith("/volumes/" + name + "/_data"));
        for (String shows : List.of(
                "",
                "{\"dangling\":[\"false\"]}",
                "{\"name\":[\"" + name.substring(3, 9) + "\"]}",
                "{\"driver\":[\"local\"]}")) {
            assertThat(listed(shows)).as(shows).hasSize(1);
        }
        for (String hides : List.of(
                "{\"dangling\":[\"true\"]}", "{\"name\":[\"x\"]}", "{\"driver\":[\"x\"]}", "{\"label\":[\"x\"]}")) {
            assertThat(listed(hides)).as(hides).isEmpty();
        }
        assertThatThrownBy(() -> listed("{\"colour\":[\"blue\"]}"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("colour");
        volumes.discard(caller(), new VolumeDiscard(owner));
        assertThatThrownBy(() -> engine.inspect(caller(), name))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining("get " + name + ": no such volume");
    }

    @Test
    void aListAsksTheFleetOnce() {
        Owner owner = owner();
        volumes.claim(caller(), claim(owner, "/a", "/b", "/c"));
        int before = disk.fleetCalls();
        assertThat(listed("")).hasSize(3);
        assertThat(disk.fleetCalls() - before).isEqualTo(1);
        volumes.discard(caller(), new VolumeDiscard(owner));
    }

    @Test
    void usageHasSizesAndUsers() {
        Owner owner = owner();
        List<ClaimedVolume> claimed = volumes.claim(caller(), claim(owner, "/a", "/b"));
        disk.unmeasurable(claimed.get(1).name());
        VolumeUsageApi usage = running.client(VolumeUsageApi.class);
        assertThat(usage.usage(caller()))
                .extracting(one -> one.get("Name"), one -> one.get("UsageData"))
                .containsExactlyInAnyOrder(
                        tuple(claimed.get(0).name(), Map.of("RefCount", 1, "Size", TestNode.BYTES)),
                        tuple(claimed.get(1).name(), Map.of("RefCount", 1, "Size", -1)));
        volumes.discard(caller(), new VolumeDiscard(owner));
        assertThat(usage.usage(caller())).isEmpty();
    }

    @Test
    void releasedStaysWithItsData() {
        Owner owner = owner();
        String name = volumes.claim(caller(), claim(owner, "/a")).getFirst().name();
        volumes.release(caller(), List.of(owner));
        assertThat(volumes.list(caller(), null, 10).claims()).isEmpty();
        assertThat(disk.names()).containsExactly(name);
        assertThat(count("volume")).isEqualTo(1);
        DATABASE.jdbc().sql("delete from volume").update();
        disk.names().clear();
    }

    @Test
    void whatCannotBeMadeIsFoundAgainAndDiscarded() {
        Owner owner = owner();
        disk.full(true);
        try {
            assertThatThrownBy(() -> volumes.claim(caller(), claim(owner, "/a")))
                    .isInstanceOf(Failure.Internal.class)
                    .hasMessageContaining("no space left on device");
        } finally {
            disk.full(false);
        }
        assertThat(volumes.claim(caller(), claim(owner, "/a"))).hasSize(1);
        volumes.discard(caller(), new VolumeDiscard(owner));
    }

    private static int count(String table) {
        return DATABASE.jdbc()
                .sql("select count(*) from " + table)
                .query(Integer.class)
                .single();
    }
}
