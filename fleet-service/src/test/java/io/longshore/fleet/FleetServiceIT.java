package io.longshore.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.contracts.id.NodeId;
import io.longshore.fleet.join.Membership;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.telemetry.Trace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.transaction.support.TransactionTemplate;

class FleetServiceIT {
    private static final TestDatabase DATABASE = TestDatabase.create("fleet");

    @TempDir
    Path directory;

    private RunningService start() {
        return ServiceRunner.start(
                FleetServiceApplication.class,
                Settings.of(DATABASE.settings()).with(Map.of("run.directory", directory + "/run")));
    }

    private static Caller caller() {
        return new Caller("agent", "none", Instant.now().plusSeconds(30), Trace.newId());
    }

    private static Heartbeat heartbeat(String name, int cpus) {
        NodeInfo info = new NodeInfo(
                cpus,
                1L << 34,
                "6.18",
                "Debian 12",
                "12",
                "linux",
                "x86_64",
                1,
                "cgroupfs",
                "overlay2",
                List.of(List.of("Backing Filesystem", "extfs")),
                List.of("json-file"),
                List.of("host", "null"),
                List.of("local"),
                List.of("longshore"),
                "longshore",
                List.of("name=seccomp,profile=default"),
                "docker-init",
                "/var/lib/longshore",
                List.of("memoryLimit"),
                List.of(),
                List.of(),
                null,
                null,
                null,
                null);
        return new Heartbeat(name, "unix:/run/agent.sock", "boot", Map.of("zone", "a"), info);
    }

    private static int versionOf(String node) {
        return DATABASE.jdbc()
                .sql("select version from node where id = ?")
                .param(node)
                .query(Integer.class)
                .single();
    }

    @Test
    void nodeRegistersWithItsFirstHeartbeatAndIsRememberedAfterARestart() throws IOException {
        try (RunningService service = start();
                Connections connections = new Connections()) {
            FleetApi fleet = new Parts(connections).client(FleetApi.class, "fleet", new Address.Unix(service.socket()));
            fleet.heartbeat(caller(), new NodeId("n2"), heartbeat("zeta", 2));
            fleet.heartbeat(caller(), new NodeId("n1"), heartbeat("alpha", 2));
            List<Node> nodes = fleet.nodes(caller());
            assertThat(nodes).extracting(Node::name).containsExactly("alpha", "zeta");
            assertThat(nodes).allMatch(Node::ready);
            assertThat(nodes.getFirst().info()).isEqualTo(heartbeat("alpha", 2).info());
            assertThat(nodes.getFirst().labels()).containsEntry("zone", "a");
            assertThatThrownBy(() -> fleet.heartbeat(
                            caller(),
                            new NodeId("n3"),
                            new Heartbeat(
                                    "x",
                                    "nowhere",
                                    "boot",
                                    Map.of(),
                                    heartbeat("x", 1).info())))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("nowhere");
        }
        try (RunningService service = start();
                Connections connections = new Connections()) {
            FleetApi fleet = new Parts(connections).client(FleetApi.class, "fleet", new Address.Unix(service.socket()));
            assertThat(fleet.nodes(caller())).extracting(Node::name).containsExactly("alpha", "zeta");
        }
    }

    @Test
    void heartbeatIsWrittenOnChangeOrEveryThirtySecondsAndSilenceEndsReadiness() {
        try (RunningService service = start()) {
            Instant[] now = {Instant.now()};
            NodeRepository rows = service.context().getBean(NodeRepository.class);
            SightingStore store = service.context().getBean(SightingStore.class);
            Sightings sightings = new Sightings(rows, store, clock(now));
            Nodes nodes = new Nodes(
                    rows,
                    store,
                    sightings,
                    service.context().getBean(NodeSpecs.class),
                    service.context().getBean(Membership.class),
                    service.context().getBean(TransactionTemplate.class),
                    clock(now));
            NodeId id = new NodeId("timed");
            nodes.heartbeat(id, heartbeat("t", 2));
            int first = versionOf("timed");
            assertThat(rowIsOlderThan("timed", 10)).isFalse();
            pass(now, 20_000);
            nodes.heartbeat(id, heartbeat("t", 2));
            sightings.tell();
            assertThat(rowIsOlderThan("timed", 10)).isTrue();
            pass(now, 10_000);
            nodes.heartbeat(id, heartbeat("t", 2));
            sightings.tell();
            assertThat(rowIsOlderThan("timed", 10)).isFalse();
            assertThat(versionOf("timed")).isEqualTo(first);
            nodes.heartbeat(id, heartbeat("t", 4));
            assertThat(versionOf("timed")).isEqualTo(first + 1);
            sightings.read();
            assertThat(ready(nodes, id)).isTrue();
            for (int seconds = 2; seconds <= 8; seconds += 2) {
                pass(now, 2_000);
                sightings.read();
                assertThat(ready(nodes, id)).isTrue();
            }
            pass(now, 1_000);
            sightings.read();
            assertThat(ready(nodes, id)).isFalse();
        }
    }

    @Test
    void ofSilenceNothingIsConcludedWhileTheDatabaseIsAway() {
        try (RunningService service = start()) {
            Instant[] now = {Instant.parse("2030-01-01T00:00:00Z")};
            Sightings sightings = new Sightings(
                    service.context().getBean(NodeRepository.class),
                    service.context().getBean(SightingStore.class),
                    clock(now));
            Sighting heard = sightings.at(new NodeId("unwritten"));
            heard.heard(now[0]);
            now[0] = now[0].plusSeconds(2);
            sightings.read();
            // It answers no more: no reading.
            now[0] = now[0].plusSeconds(59);
            assertThat(sightings.isReady(heard)).isTrue();
            now[0] = now[0].plusSeconds(12);
            assertThat(sightings.isReady(heard)).isFalse();
            heard.heard(now[0]);
            assertThat(sightings.isReady(heard)).isTrue();
            now[0] = now[0].plusSeconds(30);
            // It is back, and who heard the node in the meantime has yet to tell.
            sightings.read();
            now[0] = now[0].plusMillis(2_000);
            sightings.read();
            now[0] = now[0].plusMillis(2_999);
            sightings.read();
            assertThat(sightings.isReady(heard)).isTrue();
            now[0] = now[0].plusMillis(2_000);
            sightings.read();
            now[0] = now[0].plusMillis(2_001);
            assertThat(sightings.isReady(heard)).isFalse();
        }
    }

    private static Clock clock(Instant[] now) {
        return new InstantSource() {
            @Override
            public Instant instant() {
                return now[0];
            }
        }.withZone(ZoneId.of("UTC"));
    }

    /** For the service, and for the database, whose clock nobody moves. */
    private static void pass(Instant[] now, int millis) {
        now[0] = now[0].plusMillis(millis);
        for (String time : List.of("node_seen set seen = seen", "node set last_seen = last_seen")) {
            DATABASE.jdbc()
                    .sql("update " + time + " - ? * interval '1 millisecond'")
                    .param(millis)
                    .update();
        }
    }

    private static boolean rowIsOlderThan(String node, int seconds) {
        return DATABASE.jdbc()
                .sql("select last_seen < now() - ? * interval '1 second' from node where id = ?")
                .param(seconds)
                .param(node)
                .query(Boolean.class)
                .single();
    }

    private static boolean ready(Nodes nodes, NodeId id) {
        return nodes.all().stream()
                .filter(node -> node.id().equals(id))
                .findFirst()
                .orElseThrow()
                .ready();
    }
}
