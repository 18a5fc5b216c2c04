package io.longshore.agent.volumedriver.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.agent.PluginVolume;
import io.longshore.contracts.error.Failure;
import io.longshore.testbed.plugin.VolumePlugin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All plugins of a node: a good one, and what else there may be beside it. */
class PluginVolumeDriversRootIT {
    private static final VolumeName DATA = VolumeName.parse("data");

    @TempDir
    private Path home;

    @TempDir
    private Path volumes;

    @SuppressWarnings("NullAway.Init")
    private PluginNode node;

    @SuppressWarnings("NullAway.Init")
    private PluginVolumeDrivers drivers;

    @BeforeEach
    void begin() {
        node = new PluginNode(home, volumes);
        drivers = node.drivers();
    }

    @AfterEach
    void end() {
        node.close();
    }

    private VolumePlugin other(String name) {
        return VolumePlugin.start(
                node.sockets().resolve(name + ".sock"), home.resolve(name), home.resolve(name + "-volumes"));
    }

    @Test
    void onesThatWereUsedAreNamed() {
        assertThat(drivers.names()).isEmpty();
        assertThat(drivers.driver("nosuch")).isEmpty();
        assertThat(drivers.driver("../good")).isEmpty();
        drivers.driver("good").orElseThrow().create(DATA, Map.of());
        assertThat(drivers.names()).containsExactly("good");
    }

    @Test
    void aVolumeIsFoundAndDescribed() {
        assertThat(drivers.find(DATA)).isEmpty();
        drivers.driver("good").orElseThrow().create(DATA, Map.of());
        assertThat(drivers.find(DATA))
                .contains(new PluginVolume(
                        "good",
                        "data",
                        volumes.resolve("data").toString(),
                        "2020-02-02T02:02:02Z",
                        Map.of("health", "good", "copies", 3),
                        "global"));
        assertThat(drivers.find("good", DATA)).isEqualTo(drivers.find(DATA));
        assertThatThrownBy(() -> drivers.find("nosuch", DATA))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessage("error looking up volume plugin nosuch: plugin \"nosuch\" not found");
    }

    @Test
    void whatItSaysWithoutSenseIsLeftOut() {
        drivers.driver("good").orElseThrow().create(DATA, Map.of());
        node.plugin().answers("Capabilities", "{\"Capabilities\":{\"Scope\":\"galactic\"}}");
        node.plugin()
                .answers(
                        "Get",
                        "{\"Volume\":{\"Name\":\"other\",\"Mountpoint\":\"/etc/\\u001b[2J\",\"CreatedAt\":\"soon\",\"Status\":[1]}}");
        assertThat(drivers.find("good", DATA)).contains(new PluginVolume("good", "data", "", null, null, "local"));
        node.plugin().answers("Get", "{\"Volume\":{\"Name\":\"data\"}}");
        node.plugin().answers("Path", "{\"Mountpoint\":\"/mnt/good/data\"}");
        assertThat(drivers.find("good", DATA).orElseThrow().mountpoint()).isEqualTo("/mnt/good/data");
    }

    @Test
    void thoseThatAreIllAreToldAndOthersListed() throws Exception {
        drivers.driver("good").orElseThrow().create(DATA, Map.of());
        Files.createDirectory(volumes.resolve("foreign"));
        try (VolumePlugin ill = other("ill");
                VolumePlugin network = other("network")) {
            ill.answers("List", "{\"Err\":\"no list\"}");
            network.answers("Activate", "{\"Implements\":[\"NetworkDriver\"]}");
            assertThat(drivers.list().volumes()).extracting(PluginVolume::name).containsExactly("data", "foreign");
            assertThat(drivers.list().warnings()).containsExactly("list ill: no list");
            assertThatThrownBy(() -> drivers.driver("network").orElseThrow().create(DATA, Map.of()))
                    .isInstanceOf(Failure.NotFound.class)
                    .hasMessageContaining("plugin does not implement the requested driver");
            assertThat(network.calls()).containsOnly("Activate");
        }
    }

    @Test
    void oneThatHangsHoldsUpOneSearch() {
        try (VolumePlugin first = other("a-first")) {
            first.answers("Get", "hang");
            drivers.driver("good").orElseThrow().create(DATA, Map.of());
            assertThat(drivers.find(DATA)).isPresent();
            assertThat(drivers.find(VolumeName.parse("another"))).isEmpty();
            assertThat(first.calls("Get")).hasSize(1);
        }
    }

    @Test
    void noMoreCallsThanManyWaitForOneThatHangs() throws Exception {
        node.plugin().answers("Get", "hang");
        List<Thread> callers = new ArrayList<>();
        var busy = new AtomicInteger();
        for (int i = 0; i < 80; i++) {
            callers.add(Thread.ofVirtual().start(() -> {
                try {
                    drivers.find("good", DATA);
                } catch (Failure.DeadlineExceeded e) {
                    // One of those that were let through.
                } catch (Failure.Unavailable e) {
                    busy.incrementAndGet();
                }
            }));
        }
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(busy).hasValueGreaterThanOrEqualTo(16);
        node.plugin().answersWell("Get");
        node.await(() -> drivers.find("good", DATA).isEmpty());
    }
}
