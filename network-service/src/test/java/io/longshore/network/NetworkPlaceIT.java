package io.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.network.ClaimedEndpoint;
import io.longshore.contracts.network.EndpointMove;
import io.longshore.contracts.network.NetworkApi;
import io.longshore.contracts.network.NetworkClaim;
import io.longshore.contracts.network.NetworkPlaces;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.telemetry.Trace;
import io.longshore.testnode.network.TestNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On which node a network is that does not leave one. */
class NetworkPlaceIT {
    private static final TestDatabase DATABASE = TestDatabase.create("network");

    @TempDir
    static Path directory;

    private static RunningService node;
    private static RunningService service;
    private static Connections connections;
    private static NetworkApi networks;
    private static NetworksIT.Engine engine;
    private static TestNode.Networks machine;

    @BeforeAll
    static void start() {
        node = testNode("run");
        machine = node.context().getBean(TestNode.Networks.class);
        service = replica("run");
        connections = new Connections();
        networks = client(NetworkApi.class, service);
        engine = client(NetworksIT.Engine.class, service);
    }

    private static RunningService testNode(String name) {
        return ServiceRunner.start(
                TestNode.class,
                Settings.of(Map.of("run.directory", directory.resolve(name).toString())));
    }

    private static RunningService replica(String name) {
        Map<String, Object> values = new HashMap<>(DATABASE.settings());
        values.put("run.directory", directory.resolve(name).toString());
        values.put("services.fleet", "unix:" + node.socket());
        return ServiceRunner.start(NetworkServiceApplication.class, Settings.of(values));
    }

    private static <T> T client(Class<T> contract, RunningService of) {
        return new Parts(connections).client(contract, "network-service", new Address.Unix(of.socket()));
    }

    @AfterAll
    static void stop() throws IOException {
        connections.close();
        service.close();
        node.close();
    }

    private static Caller caller(String project) {
        return new Caller("tester", project, Instant.now().plusSeconds(20), Trace.newId());
    }

    private static Owner owner() {
        return new Owner(ContainerId.random(), 1);
    }

    private static NetworkClaim claim(Owner owner, String on, String network) {
        return new NetworkClaim(owner, NodeId.parse(on), List.of(NetworkClaim.Wanted.anyOf(network)));
    }

    private static String create(String name, String subnet) {
        Map<String, Object> body = Map.of("Name", name, "IPAM", Map.of("Config", List.of(Map.of("Subnet", subnet))));
        return engine.create(caller("p"), body).getOrDefault("Id", "");
    }

    /** What a node has made stays as it is: the one that comes after it may refuse its subnet. */
    @Test
    void allNodesHaveTheSubnetThatTheLastOneTakes() {
        try (RunningService other = testNode("more")) {
            TestNode.Networks there = other.context().getBean(TestNode.Networks.class);
            machine.second(other.socket());
            String first = engine.create(caller("p"), Map.of("Name", "wide")).getOrDefault("Id", "");
            String range = machine.spec(first).subnets().getFirst().range();
            assertThat(there.spec(first)).isEqualTo(machine.spec(first));
            networks.remove(caller("p"), first, List.of());
            assertThat(there.made()).doesNotContainKey(first);
            there.routes().add(range);
            String second = engine.create(caller("p"), Map.of("Name", "wide")).getOrDefault("Id", "");
            assertThat(there.spec(second).subnets().getFirst().range()).isNotEqualTo(range);
            assertThat(machine.spec(second)).isEqualTo(there.spec(second));
            networks.remove(caller("p"), second, List.of());
        } finally {
            machine.second(false);
        }
    }

    /** Its containers are on it: it is not taken apart for a node that comes later. */
    @Test
    void aBridgeThatIsReadyStaysAsItIsWhereALaterNodeRefusesIt() {
        String id = bridge(networks, "early");
        NetworkSpec before = machine.spec(id);
        try (RunningService other = testNode("later");
                RunningService restarted = replica("restarted")) {
            TestNode.Networks there = other.context().getBean(TestNode.Networks.class);
            there.routes().add(before.subnets().getFirst().range());
            machine.second(other.socket());
            NetworkApi again = client(NetworkApi.class, restarted);
            assertThat(bridge(again, "early")).isEqualTo(id);
            assertThat(machine.spec(id)).isEqualTo(before);
            assertThat(there.made()).doesNotContainKey(id);
            assertThat(subnets(id)).containsExactly(before.subnets().getFirst().range());
            NetworkClaim late = claim(owner(), "node-2", "bridge");
            assertThatThrownBy(() -> again.claim(caller("early"), late))
                    .isInstanceOf(Failure.Conflict.class)
                    .hasMessageContaining("overlaps with a route of the node");
        } finally {
            machine.second(false);
        }
    }

    /** What one has on the nodes the other does not take back. */
    @Test
    void ofTwoReplicasOneMakesTheBridge() throws Exception {
        String taken = free();
        try (RunningService other = testNode("third");
                RunningService replica = replica("replica");
                ExecutorService two = Executors.newFixedThreadPool(2)) {
            TestNode.Networks there = other.context().getBean(TestNode.Networks.class);
            there.routes().add(taken);
            machine.second(other.socket());
            NetworkApi second = client(NetworkApi.class, replica);
            for (int round = 0; round < 8; round++) {
                String project = "both" + round;
                Future<String> one = two.submit(() -> bridge(networks, project));
                Future<String> another = two.submit(() -> bridge(second, project));
                String id = one.get();
                assertThat(another.get()).isEqualTo(id);
                assertThat(machine.spec(id)).isEqualTo(there.spec(id));
                assertThat(subnets(id))
                        .containsExactly(machine.spec(id).subnets().getFirst().range())
                        .doesNotContain(taken);
            }
        } finally {
            machine.second(false);
        }
    }

    /** Nodes would have it with different ones. */
    @Test
    void aNetworkThatANodeStillHasGetsNoOtherSubnet() {
        String taken = free();
        try (RunningService other = testNode("fourth")) {
            other.context().getBean(TestNode.Networks.class).routes().add(taken);
            machine.second(other.socket());
            machine.keeps(true);
            Map<String, Object> body = Map.of("Name", "kept");
            assertThatThrownBy(() -> engine.create(caller("p"), body))
                    .isInstanceOf(Failure.Conflict.class)
                    .hasMessageContaining("subnet " + taken + " overlaps with a route of the node");
            List<String> left = DATABASE.jdbc()
                    .sql("select id from network where name = 'kept' and state = 'MAKING'")
                    .query((row, index) -> row.getString(1))
                    .list();
            assertThat(left).hasSize(1);
            assertThat(subnets(left.getFirst())).containsExactly(taken);
            assertThat(machine.spec(left.getFirst()).subnets().getFirst().range())
                    .isEqualTo(taken);
        } finally {
            machine.keeps(false);
            machine.second(false);
        }
    }

    /** The subnet that the next network gets. */
    private static String free() {
        bridge(networks, "p");
        String id = engine.create(caller("p"), Map.of("Name", "probe")).getOrDefault("Id", "");
        String range = machine.spec(id).subnets().getFirst().range();
        networks.remove(caller("p"), id, List.of());
        return range;
    }

    private static String bridge(NetworkApi of, String project) {
        return String.valueOf(of.find(caller(project), "bridge").answer().get("Id"));
    }

    private static List<String> subnets(String id) {
        return DATABASE.jdbc()
                .sql("select cast(subnet as text) from pool where network = ?")
                .param(id)
                .query((row, index) -> row.getString(1))
                .list();
    }

    /** Nothing leads from one node to another. */
    @Test
    void aBridgeDoesNotLeaveTheNodeOfItsContainers() {
        String id = create("moored", "10.1.8.0/29");
        Set<String> asked = Set.of("moored", id, "bridge", "none", "nosuch");
        assertThat(networks.places(caller("p"), asked).nodes()).isEmpty();
        Owner first = owner();
        networks.claim(caller("p"), claim(first, "node-1", "moored"));
        NodeId there = NodeId.parse("node-1");
        assertThat(networks.places(caller("p"), asked).nodes()).isEqualTo(Map.of("moored", there, id, there));
        assertThat(networks.places(caller("q"), asked).nodes()).isEmpty();
        Owner other = owner();
        NetworkClaim elsewhere = claim(other, "node-2", "moored");
        assertThatThrownBy(() -> networks.claim(caller("p"), elsewhere))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessage(
                        "network moored has containers on node ship-node-1, and a network of driver bridge does not leave its"
                                + " node: node node-2 cannot have another on it");
        assertThat(networks.owners(caller("p"), id, null, null)).containsExactly(first);
        networks.release(caller("p"), List.of(first));
        assertThat(networks.owners(caller("p"), id, null, null)).isEmpty();
        assertThat(networks.places(caller("p"), asked).nodes()).isEmpty();
        networks.remove(caller("p"), id, List.of());
    }

    /** Addresses and all, also those that nobody may ask for; and back. */
    @Test
    void itsOnlyContainerTakesItAlong() {
        machine.second(true);
        try {
            String id = create("towed", "10.1.10.0/29");
            Owner first = owner();
            Owner second = new Owner(first.container(), 2);
            ClaimedEndpoint before =
                    networks.claim(caller("p"), claim(first, "node-1", "towed")).getFirst();
            networks.claim(caller("p"), claim(first, "node-1", "bridge"));
            networks.claim(caller("p"), claim(first, "node-1", "none"));
            EndpointMove ahead = new EndpointMove(first, second, NodeId.parse("node-2"), true);
            networks.move(caller("p"), ahead);
            assertThat(networks.owners(caller("p"), id, null, null)).containsExactly(first);
            EndpointMove there = new EndpointMove(first, second, NodeId.parse("node-2"), false);
            networks.move(caller("p"), there);
            networks.move(caller("p"), there);
            assertThat(networks.owners(caller("p"), id, null, null)).containsExactly(second);
            ClaimedEndpoint after = networks.claim(caller("p"), claim(second, "node-2", "towed"))
                    .getFirst();
            assertThat(after.addresses()).isEqualTo(before.addresses());
            assertThat(after.mac()).isEqualTo(before.mac());
            assertThat(DATABASE.jdbc()
                            .sql("select id from endpoint where container = ? and network = ?")
                            .params(first.container().value(), id)
                            .query(String.class)
                            .list())
                    .containsExactly(after.id());
            assertThat(networks.places(caller("p"), Set.of("towed")).nodes())
                    .isEqualTo(Map.of("towed", NodeId.parse("node-2")));
            Owner other = owner();
            NetworkClaim late = claim(other, "node-1", "towed");
            assertThatThrownBy(() -> networks.claim(caller("p"), late)).isInstanceOf(Failure.Conflict.class);
            networks.claim(caller("p"), claim(other, "node-2", "towed"));
            EndpointMove back = new EndpointMove(second, first, NodeId.parse("node-1"), false);
            assertThatThrownBy(() -> networks.move(caller("p"), back))
                    .isInstanceOf(Failure.Conflict.class)
                    .hasMessage(
                            "network towed has other containers, and a network of driver bridge does not leave its node:"
                                    + " none of them can go to node ship-node-1");
            networks.release(caller("p"), List.of(other));
            assertThat(networks.owners(caller("p"), id, null, null)).containsExactly(second);
            networks.move(caller("p"), back);
            assertThat(networks.owners(caller("p"), id, null, null)).containsExactly(first);
            networks.release(caller("p"), List.of(first));
            assertThat(networks.owners(caller("p"), id, null, null)).isEmpty();
            networks.remove(caller("p"), id, List.of());
        } finally {
            machine.second(false);
        }
    }

    @Test
    void ofTwoNodesAtOnceOneGetsTheBridge() throws Exception {
        machine.second(true);
        String id = create("raced", "10.1.9.0/28");
        try (ExecutorService two = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 40; round++) {
                List<Future<Boolean>> claims = new ArrayList<>();
                List<Owner> owners = List.of(owner(), owner());
                for (int n = 0; n < 2; n++) {
                    NetworkClaim claim = claim(owners.get(n), "node-" + (n + 1), "raced");
                    claims.add(two.submit(() -> claimed(claim)));
                }
                int got = 0;
                for (Future<Boolean> claim : claims) {
                    got += claim.get() ? 1 : 0;
                }
                assertThat(got).isEqualTo(1);
                assertThat(networks.owners(caller("p"), id, null, null)).hasSize(1);
                networks.release(caller("p"), owners);
                assertThat(networks.owners(caller("p"), id, null, null)).isEmpty();
            }
        } finally {
            machine.second(false);
        }
        networks.remove(caller("p"), id, List.of());
    }

    private static boolean claimed(NetworkClaim claim) {
        try {
            return networks.claim(caller("p"), claim).getFirst().problem().isEmpty();
        } catch (Failure.Conflict e) {
            return false;
        }
    }

    /** A Compose application names none. On one machine alone, and where one cannot be reached, it is a bridge. */
    @Test
    void withoutADriverANetworkSpansTheNodesThatReachEachOther() {
        assertThat(made(Map.of())).isEqualTo("bridge local");
        machine.addresses("192.0.2.1");
        assertThat(made(Map.of())).isEqualTo("bridge local");
        machine.second(true);
        assertThat(made(Map.of())).isEqualTo("bridge local");
        machine.addresses("192.0.2.1", "192.0.2.2");
        assertThat(made(Map.of())).isEqualTo("overlay swarm");
        assertThat(made(Map.of("Driver", ""))).isEqualTo("overlay swarm");
        assertThat(made(Map.of("Driver", "bridge"))).isEqualTo("bridge local");
        assertThat(made(Map.of("Scope", "local"))).isEqualTo("bridge local");
        Map<String, String> encrypted = Map.of("encrypted", "");
        assertThatThrownBy(() -> made(Map.of("Options", encrypted)))
                .isInstanceOf(Failure.NotImplemented.class)
                .hasMessageContaining("option encrypted of network driver overlay is not available");
        machine.second(false);
        machine.addresses();
    }

    /** What it asks for holds whichever driver it gets. */
    @Test
    void aNetworkThatSpansHasWhatItsMakerAskedFor() {
        machine.second(true);
        machine.addresses("2001:db8::1", "2001:db8::2");
        Map<String, String> options = Map.of(
                "com.docker.network.bridge.name", "br-app",
                "com.docker.network.bridge.enable_icc", "false",
                "com.docker.network.driver.mtu", "9000");
        Map<String, Object> body = new HashMap<>(Map.of("Name", "asked", "Internal", true, "Attachable", true));
        body.putAll(Map.of("EnableIPv6", true, "Labels", Map.of("a", "b"), "Options", options));
        String id = engine.create(caller("p"), body).getOrDefault("Id", "");
        NetworkSpec spec = machine.spec(id);
        assertThat(spec.internal()).isTrue();
        assertThat(spec.subnets()).hasSize(2);
        Set<String> asked = Set.of("asked", "bridge", "nosuch");
        assertThat(networks.places(caller("p"), asked)).isEqualTo(new NetworkPlaces(Map.of(), List.of("asked")));
        assertThat(spec.bridgeOptions().device()).isEqualTo("br-app");
        assertThat(spec.bridgeOptions().communication()).isFalse();
        assertThat(spec.bridgeOptions().mtu()).isEqualTo(8930);
        assertThat(networks.find(caller("p"), "asked").answer())
                .containsEntry("Driver", "overlay")
                .containsEntry("Attachable", true)
                .containsEntry("Labels", Map.of("a", "b"));
        networks.remove(caller("p"), id, List.of());
        machine.second(false);
        machine.addresses();
    }

    private static String made(Map<String, Object> more) {
        Map<String, Object> body = new HashMap<>(more);
        body.put("Name", "app_default");
        String id = engine.create(caller("p"), body).getOrDefault("Id", "");
        Map<String, @Nullable Object> answer = networks.find(caller("p"), id).answer();
        networks.remove(caller("p"), id, List.of());
        return answer.get("Driver") + " " + answer.get("Scope");
    }
}
