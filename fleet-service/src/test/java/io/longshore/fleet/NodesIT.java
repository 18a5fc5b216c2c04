package io.longshore.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.JoinApi;
import io.longshore.contracts.fleet.JoinRequest;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeSpec.Availability;
import io.longshore.contracts.id.NodeId;
import io.longshore.fleet.authority.CertificateAuthority;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.identity.SigningRequest;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.sample.SampleNodeInfo;
import io.longshore.platform.telemetry.Trace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.DeleteExchange;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;

/** The nodes by the Engine API, as a client of fleet-service sees them. */
class NodesIT {
    private static final TestDatabase DATABASE = TestDatabase.create("fleet");

    @TempDir
    static Path directory;

    private static RunningService service;
    private static Connections connections;
    private static FleetApi fleet;
    private static Engine engine;

    private interface Engine {
        @GetExchange("/nodes")
        List<Map<String, Object>> list(Caller caller, @RequestParam(required = false) @Nullable String filters);

        @GetExchange("/nodes/{id}")
        Map<String, Object> inspect(Caller caller, @PathVariable String id);

        @PostExchange("/nodes/{id}/update")
        void update(
                Caller caller,
                @PathVariable String id,
                @RequestParam(required = false) @Nullable Long version,
                @RequestBody Map<String, Object> wish);

        @DeleteExchange("/nodes/{id}")
        void remove(Caller caller, @PathVariable String id, @RequestParam boolean force);

        @PostExchange("/api/v1/join-tokens")
        Map<String, Object> token(Caller caller, @RequestBody Map<String, Object> wish);
    }

    @BeforeAll
    static void start() {
        Path certificate = directory.resolve("keys/fleet.crt");
        Path key = directory.resolve("keys/fleet.key");
        CertificateAuthority.makeIfMissing(certificate, key);
        Map<String, Object> values = new HashMap<>(DATABASE.settings());
        values.put("run.directory", directory.resolve("run").toString());
        values.put("fleet.authority.certificate-file", certificate.toString());
        values.put("fleet.authority.key-file", key.toString());
        service = ServiceRunner.start(FleetServiceApplication.class, Settings.of(values));
        connections = new Connections();
        Parts parts = new Parts(connections);
        fleet = parts.client(FleetApi.class, "fleet", new Address.Unix(service.socket()));
        engine = parts.client(Engine.class, "fleet", new Address.Unix(service.socket()));
    }

    @AfterAll
    static void stop() throws IOException {
        connections.close();
        service.close();
    }

    private static Caller caller() {
        return new Caller("admin", "default", Instant.now().plusSeconds(30), Trace.newId());
    }

    private static Heartbeat heartbeat(String name, String address) {
        return new Heartbeat(
                name,
                address,
                "boot",
                Map.of("disk", "ssd"),
                SampleNodeInfo.of().version("0.0.9"));
    }

    private static void alive(String id, String name) {
        fleet.heartbeat(caller(), new NodeId(id), heartbeat(name, "https://10.9.0.1:2378"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> part(Map<String, Object> of, String name) {
        return (Map<String, Object>) Objects.requireNonNull(of.get(name), name);
    }

    private static long version(String id) {
        return ((Number) Objects.requireNonNull(
                        part(engine.inspect(caller(), id), "Version").get("Index")))
                .longValue();
    }

    @Test
    void aNodeIsToldAsTheEngineTellsIt() {
        alive("a1b2c3", "told");
        Map<String, Object> node = engine.inspect(caller(), "told");
        assertThat(node).containsEntry("ID", "a1b2c3");
        assertThat(part(node, "Spec")).containsEntry("Role", "worker").containsEntry("Availability", "active");
        assertThat(part(node, "Status")).containsEntry("State", "ready").containsEntry("Addr", "10.9.0.1");
        Map<String, Object> description = part(node, "Description");
        assertThat(description).containsEntry("Hostname", "told");
        assertThat(part(description, "Resources")).containsEntry("NanoCPUs", 4_000_000_000L);
        assertThat(part(part(description, "Engine"), "Labels")).containsEntry("disk", "ssd");
        assertThat(part(description, "Engine")).containsEntry("EngineVersion", "28.3.0+longshore.0.0.9");
        assertThat(engine.inspect(caller(), "a1b")).containsEntry("ID", "a1b2c3");
        assertThatThrownBy(() -> engine.inspect(caller(), "nobody"))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessage("node nobody not found");
        alive("a1b2c4", "another");
        assertThatThrownBy(() -> engine.inspect(caller(), "a1b2c"))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("is ambiguous (2 matches found)");
    }

    @Test
    void aNodeIsPausedAndLabelledByWhoKnowsItsVersion() {
        alive("d00d", "changed");
        engine.update(
                caller(),
                "changed",
                version("changed"),
                Map.of("Role", "worker", "Availability", "pause", "Labels", Map.of("zone", "b")));
        Node node = fleet.nodes(caller()).stream()
                .filter(one -> one.name().equals("changed"))
                .findFirst()
                .orElseThrow();
        assertThat(node.spec().availability()).isEqualTo(Availability.PAUSE);
        assertThat(node.isSchedulable()).isFalse();
        assertThat(node.spec().labels()).containsEntry("zone", "b");
        assertThatThrownBy(() -> engine.update(caller(), "changed", 0L, Map.of("Availability", "active")))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("was changed since version 0");
        // Its own signs of life change nothing of it.
        alive("d00d", "changed");
        assertThat(version("changed")).isEqualTo(1);
        engine.update(caller(), "changed", 1L, Map.of("Availability", "active"));
        assertThat(part(engine.inspect(caller(), "changed"), "Spec"))
                .containsEntry("Availability", "active")
                .containsEntry("Labels", Map.of());
        for (Map<String, Object> wrong : List.<Map<String, Object>>of(
                Map.of("Availability", "sometimes"),
                Map.of("Role", "manager"),
                Map.of("Labels", Map.of("", "x")),
                Map.of("Labels", Map.of("x", "y".repeat(257))))) {
            assertThatThrownBy(() -> engine.update(caller(), "changed", 2L, wrong))
                    .as(wrong.toString())
                    .isInstanceOf(Failure.Invalid.class);
        }
        assertThatThrownBy(() -> engine.update(caller(), "changed", null, Map.of()))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("invalid node version");
        assertThat(version("changed")).isEqualTo(2);
        engine.update(caller(), "changed", 2L, Map.of("Availability", "drain"));
        assertThat(part(engine.inspect(caller(), "changed"), "Spec")).containsEntry("Availability", "drain");
    }

    @Test
    void nodesAreFiltered() {
        alive("f1", "filter-one");
        alive("f2", "filter-two");
        engine.update(caller(), "filter-two", version("filter-two"), Map.of("Labels", Map.of("zone", "x")));
        assertThat(names("{\"name\":[\"filter-\"]}")).containsExactly("filter-one", "filter-two");
        assertThat(names("{\"id\":{\"f1\":true}}")).containsExactly("filter-one");
        assertThat(names("{\"node.label\":[\"zone=x\"]}")).containsExactly("filter-two");
        assertThat(names("{\"label\":[\"disk=ssd\"],\"name\":[\"filter-one\"]}"))
                .containsExactly("filter-one");
        assertThat(names("{\"role\":[\"manager\"]}")).isEmpty();
        assertThatThrownBy(() -> names("{\"colour\":[\"red\"]}"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("invalid filter 'colour'");
    }

    private static List<Object> names(String filters) {
        return engine.list(caller(), filters).stream()
                .map(node -> Objects.requireNonNull(part(node, "Description").get("Hostname")))
                .toList();
    }

    @Test
    void whoHasJoinedHasItsNameAndProvesWhereItIs() {
        String token = String.valueOf(engine.token(caller(), Map.of()).get("token"));
        JoinApi door = new Parts(connections).client(JoinApi.class, "fleet", new Address.Unix(service.socket()));
        NodeId id = door.join(caller(), new JoinRequest(token, "honest", SigningRequest.text(SigningRequest.keys())))
                .node();
        for (String address : List.of("unix:/run/longshore/services/agent.sock", "http://10.9.0.2:80")) {
            assertThatThrownBy(() -> fleet.heartbeat(caller(), id, heartbeat("honest", address)))
                    .as(address)
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("one that has joined is at https://HOST:PORT");
        }
        assertThatThrownBy(() -> alive(id.value(), "another-name"))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("has joined as honest and calls itself another-name");
        alive(id.value(), "honest");
    }

    @Test
    void whoWasRemovedDoesNotComeBack() {
        String token = String.valueOf(engine.token(caller(), Map.of()).get("token"));
        JoinApi door = new Parts(connections).client(JoinApi.class, "fleet", new Address.Unix(service.socket()));
        NodeId id = door.join(caller(), new JoinRequest(token, "leaves", SigningRequest.text(SigningRequest.keys())))
                .node();
        alive(id.value(), "leaves");
        assertThat(part(engine.inspect(caller(), "leaves"), "Spec")).containsEntry("Availability", "active");
        assertThatThrownBy(() -> engine.remove(caller(), "leaves", false))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("is not down and can't be removed");
        engine.remove(caller(), "leaves", true);
        assertThatThrownBy(() -> engine.inspect(caller(), "leaves")).isInstanceOf(Failure.NotFound.class);
        assertThatThrownBy(() -> alive(id.value(), "leaves"))
                .isInstanceOf(Failure.Unauthenticated.class)
                .hasMessageContaining("was removed from the fleet: have it join again");
        // Its name is free.
        String again = String.valueOf(engine.token(caller(), Map.of()).get("token"));
        assertThat(door.join(caller(), new JoinRequest(again, "leaves", SigningRequest.text(SigningRequest.keys())))
                        .node())
                .isNotEqualTo(id);
        // One that was never heard of is removed by its name, too.
        engine.remove(caller(), "leaves", false);
        assertThatThrownBy(() -> engine.remove(caller(), "leaves", true)).isInstanceOf(Failure.NotFound.class);
        fleet.heartbeat(caller(), new NodeId("beside"), heartbeat("beside", "unix:/run/agent.sock"));
        assertThatThrownBy(() -> engine.remove(caller(), "beside", true))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("runs beside fleet-service");
    }
}
