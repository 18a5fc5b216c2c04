package io.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.network.ClaimedEndpoint;
import io.longshore.contracts.network.KeptEndpoints;
import io.longshore.contracts.network.NetworkApi;
import io.longshore.contracts.network.NetworkClaim;
import io.longshore.contracts.network.NetworkDescription;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;

class NetworksIT {
    private static final TestDatabase DATABASE = TestDatabase.create("network");

    @TempDir
    static Path directory;

    private static Settings settings;
    private static RunningService node;
    private static RunningService service;
    private static Connections connections;
    private static NetworkApi networks;
    private static Engine engine;
    private static TestNode.Networks machine;

    /** The Engine's paths. */
    interface Engine {
        @GetExchange("/networks")
        List<Map<String, @Nullable Object>> list(
                Caller caller, @RequestParam(required = false) @Nullable String filters);

        @PostExchange("/networks/create")
        Map<String, String> create(Caller caller, @RequestBody Map<String, Object> body);
    }

    @BeforeAll
    static void start() {
        Map<String, Object> values = new HashMap<>();
        values.put("run.directory", directory.resolve("run").toString());
        node = ServiceRunner.start(TestNode.class, Settings.of(values));
        machine = node.context().getBean(TestNode.Networks.class);
        values.putAll(DATABASE.settings());
        values.put("services.fleet", "unix:" + node.socket());
        settings = Settings.of(values);
        service = ServiceRunner.start(NetworkServiceApplication.class, settings);
        connections = new Connections();
        networks = client(NetworkApi.class);
        engine = client(Engine.class);
    }

    private static <T> T client(Class<T> contract) {
        return new Parts(connections).client(contract, "network-service", new Address.Unix(service.socket()));
    }

    @AfterAll
    static void stop() throws IOException {
        connections.close();
        service.close();
        node.close();
    }

    @AfterEach
    void theNodeHasWhatTheRowsSay() {
        machine.away(false);
        machine.routes().clear();
        List<String> rows = DATABASE.jdbc()
                .sql("select id from network where state = 'READY' and driver in ('bridge', 'overlay')")
                .query((row, index) -> row.getString("id"))
                .list();
        assertThat(machine.made().keySet()).containsExactlyInAnyOrderElementsOf(rows);
    }

    private static Caller caller(String project) {
        return new Caller("tester", project, Instant.now().plusSeconds(20), Trace.newId());
    }

    private static Owner owner() {
        return new Owner(ContainerId.random(), 1);
    }

    private static ClaimedEndpoint claim(Owner owner, String network) {
        return claim(owner, NetworkClaim.Wanted.anyOf(network));
    }

    private static ClaimedEndpoint claim(Owner owner, NetworkClaim.Wanted wanted) {
        return networks.claim(caller("p"), new NetworkClaim(owner, NodeId.parse("node-1"), List.of(wanted)))
                .getFirst();
    }

    private static String create(String name, Map<String, Object> more) {
        Map<String, Object> body = new HashMap<>(more);
        body.put("Name", name);
        return engine.create(caller("p"), body).getOrDefault("Id", "");
    }

    private static Map<String, Object> subnet(String subnet) {
        return Map.of("IPAM", Map.of("Config", List.of(Map.of("Subnet", subnet))));
    }

    private static NetworkSpec onNode(String id) {
        return Objects.requireNonNull(machine.made().get(id), () -> "network " + id + " is not on the node");
    }

    private static String address(ClaimedEndpoint endpoint) {
        return String.join(" ", endpoint.addresses());
    }

    @Test
    void claimsOnPlainNetworksAreIdempotentAndKeptUntilGivenUp() {
        Owner owner = owner();
        ClaimedEndpoint first = claim(owner, "none");
        assertThat(first.network().driver()).isEqualTo("null");
        assertThat(first.id()).matches("[0-9a-f]{64}");
        assertThat(first.addresses()).isEmpty();
        assertThat(claim(owner, "none")).isEqualTo(first);
        assertThat(claim(owner, first.network().id())).isEqualTo(first);
        assertThat(owners()).contains(owner);
        networks.release(caller("p"), List.of(owner));
        assertThat(owners()).doesNotContain(owner);
        networks.release(caller("p"), List.of(owner));
    }

    @Test
    void idsAreStableAndEachProjectHasItsOwn() throws IOException {
        NetworkDescription before = networks.find(caller("p"), "bridge");
        connections.close();
        service.close();
        service = ServiceRunner.start(NetworkServiceApplication.class, settings);
        connections = new Connections();
        networks = client(NetworkApi.class);
        engine = client(Engine.class);
        assertThat(networks.find(caller("p"), "bridge").spec()).isEqualTo(before.spec());
        NetworkDescription other = networks.find(caller("q"), "bridge");
        assertThat(other.spec().id()).isNotEqualTo(before.spec().id());
        assertThat(other.spec().subnets())
                .doesNotContainAnyElementsOf(before.spec().subnets());
        assertThat(other.spec().bridgeOptions().device())
                .isNotEqualTo(before.spec().bridgeOptions().device());
    }

    @Test
    void whatCouldNotBeWrittenIsWrittenLater() {
        Owner kept = owner();
        Owner released = owner();
        claim(released, "none");
        assertThat(owners()).contains(released);
        DATABASE.jdbc().sql("alter table endpoint rename to away").update();
        try {
            claim(kept, "none");
            networks.release(caller("p"), List.of(released));
            assertThatThrownBy(NetworksIT::owners).isInstanceOf(Failure.class);
        } finally {
            DATABASE.jdbc().sql("alter table away rename to endpoint").update();
        }
        assertThat(owners()).contains(kept).doesNotContain(released);
        networks.release(caller("p"), List.of(kept));
    }

    private static List<Owner> owners() {
        return networks.list(caller("p"), null, 1_000).claims().stream()
                .map(ClaimPage.Held::owner)
                .toList();
    }

    @Test
    void anUnknownNetworkIsClaimedAsMissing() {
        ClaimedEndpoint missing = claim(owner(), "lan");
        assertThat(missing.id()).isEmpty();
        assertThat(missing.network().id()).isEmpty();
        assertThat(missing.problem()).isEqualTo("network lan not found");
    }

    @Test
    void addressesAreLeasedOneAfterTheOtherAndReturned() {
        String id = create("lan1", subnet("10.1.0.0/29"));
        NetworkSpec spec = onNode(id);
        assertThat(spec.subnets()).containsExactly(new NetworkSpec.Subnet("10.1.0.0/29", "10.1.0.1"));
        assertThat(spec.bridgeOptions().device()).isEqualTo("br-" + id.substring(0, 12));
        List<Owner> all = new ArrayList<>();
        for (int i = 2; i < 7; i++) {
            Owner owner = owner();
            all.add(owner);
            ClaimedEndpoint endpoint = claim(owner, "lan1");
            assertThat(endpoint.problem()).isEmpty();
            assertThat(address(endpoint)).isEqualTo("10.1.0." + i + "/29");
            assertThat(endpoint.mac()).isEqualTo("02:42:0a:01:00:0" + i);
            assertThat(claim(owner, id)).isEqualTo(endpoint);
        }
        Owner late = owner();
        assertThat(claim(late, "lan1").problem())
                .isEqualTo("no available IPv4 addresses on this network's address pools: lan1 (" + id + ")");
        networks.giveBack(caller("p"), id, List.of(all.getFirst()));
        assertThat(networks.owners(caller("p"), id, null, null)).contains(late).containsAll(all);
        assertThat(address(claim(late, "lan1"))).isEqualTo("10.1.0.2/29");
        assertThat(networks.owners(caller("p"), id, "10.1.0.2", null)).containsExactly(late);
        all.add(late);
        networks.release(caller("p"), all.subList(1, all.size()));
        networks.leave(caller("p"), id, all.getFirst());
        assertThat(networks.owners(caller("p"), id, null, null)).isEmpty();
        networks.remove(caller("p"), id, List.of());
    }

    @Test
    void wantedAddressesAndDualStack() {
        String id = create(
                "lan2",
                Map.of(
                        "EnableIPv6",
                        true,
                        "IPAM",
                        Map.of(
                                "Config",
                                List.of(
                                        Map.of(
                                                "Subnet", "10.2.0.0/24",
                                                "IPRange", "10.2.0.128/25",
                                                "Gateway", "10.2.0.254",
                                                "AuxiliaryAddresses", Map.of("printer", "10.2.0.128")),
                                        Map.of("Subnet", "fd00:2::/64")))));
        ClaimedEndpoint any = claim(owner(), "lan2");
        assertThat(any.addresses()).containsExactly("10.2.0.129/24", "fd00:2::2/64");
        Owner wants = owner();
        ClaimedEndpoint wanted =
                claim(wants, new NetworkClaim.Wanted("lan2", "02:00:00:00:00:09", "10.2.0.9", "fd00:2::9"));
        assertThat(wanted.addresses()).containsExactly("10.2.0.9/24", "fd00:2::9/64");
        assertThat(wanted.mac()).isEqualTo("02:00:00:00:00:09");
        Owner second = owner();
        ClaimedEndpoint taken = claim(second, new NetworkClaim.Wanted("lan2", "", "10.2.0.9", ""));
        assertThat(taken.problem()).isEqualTo("Address already in use");
        assertThat(claim(owner(), new NetworkClaim.Wanted("lan2", "", "10.3.0.9", ""))
                        .problem())
                .isEqualTo("Invalid address 10.3.0.9: It does not belong to any of this network's subnets");
        assertThat(claim(owner(), new NetworkClaim.Wanted("bridge", "", "172.17.0.9", ""))
                        .problem())
                .isEqualTo("user specified IP address is supported on user defined networks only");
        List<Owner> all = networks.owners(caller("p"), id, null, null);
        assertThatThrownBy(() -> networks.remove(caller("p"), id, List.of()))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageEndingWith("has active endpoints");
        networks.remove(caller("p"), id, all);
        assertThat(claim(owner(), "lan2").problem()).isEqualTo("network lan2 not found");
    }

    @Test
    void ipv6AloneAndOfTheNetworksOwnChoice() {
        String alone = create("six1", Map.of("EnableIPv4", false, "EnableIPv6", true));
        NetworkSpec.Subnet chosen = onNode(alone).subnets().getFirst();
        assertThat(onNode(alone).subnets()).hasSize(1);
        assertThat(chosen.range()).matches("fd[0-9a-f:]+::/64");
        Owner owner = owner();
        ClaimedEndpoint endpoint = claim(owner, "six1");
        assertThat(endpoint.problem()).isEmpty();
        assertThat(endpoint.addresses()).containsExactly(chosen.range().replace("::/64", "::2/64"));
        String both = create("six2", Map.of("EnableIPv6", true));
        assertThat(onNode(both).subnets())
                .hasSize(2)
                .extracting(NetworkSpec.Subnet::isV6)
                .containsExactly(false, true);
        assertThat(onNode(both).subnets()).doesNotContain(chosen);
        networks.remove(caller("p"), alone, List.of(owner));
        networks.remove(caller("p"), both, List.of());
    }

    @Test
    void optionsReachTheNode() {
        String bridge = "com.docker.network.bridge.";
        String id = create(
                "lan9",
                Map.of(
                        "Options",
                        Map.of(
                                bridge + "name",
                                "lan9dev",
                                bridge + "enable_icc",
                                "false",
                                bridge + "enable_ip_masquerade",
                                "0",
                                bridge + "host_binding_ipv4",
                                "127.0.0.1",
                                "com.docker.network.driver.mtu",
                                "1400",
                                "com.docker.network.container_iface_prefix",
                                "net")));
        assertThat(onNode(id).bridgeOptions())
                .isEqualTo(new NetworkSpec.Bridge("lan9dev", false, false, false, "127.0.0.1", 1_400, "net"));
        networks.remove(caller("p"), id, List.of());
        String plain = create("lan9", Map.of("Options", Map.of()));
        assertThat(onNode(plain).bridgeOptions())
                .isEqualTo(
                        new NetworkSpec.Bridge("br-" + plain.substring(0, 12), false, true, true, "0.0.0.0", 0, "eth"));
        networks.remove(caller("p"), plain, List.of());
    }

    @Test
    void sixtyFourAtOnceGetSixtyFourAddresses() throws Exception {
        String id = create("lan3", subnet("10.4.0.0/25"));
        List<Owner> all = new ArrayList<>();
        List<Callable<ClaimedEndpoint>> claims = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            Owner owner = owner();
            all.add(owner);
            claims.add(() -> claim(owner, "lan3"));
        }
        Set<String> addresses = new HashSet<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<ClaimedEndpoint> claimed : threads.invokeAll(claims)) {
                assertThat(claimed.get().problem()).isEmpty();
                addresses.add(address(claimed.get()));
            }
        }
        assertThat(addresses).hasSize(64);
        networks.remove(caller("p"), id, all);
    }

    @Test
    void subnetsThatTheNodeHasOtherwiseArePassedOver() {
        NetworkDescription bridge = networks.find(caller("p"), "bridge");
        assertThat(bridge.spec().bridgeOptions().predefined()).isTrue();
        String first = create("lan4", Map.of());
        String range = onNode(first).subnets().getFirst().range();
        networks.remove(caller("p"), first, List.of());
        machine.routes().add(range);
        String second = create("lan4", Map.of());
        assertThat(onNode(second).subnets().getFirst().range()).isNotEqualTo(range);
        assertThatThrownBy(() -> create("lan5", subnet(range)))
                .isInstanceOf(Failure.Forbidden.class)
                .hasMessageContaining("overlaps with a route of the node");
        assertThatThrownBy(() -> create(
                        "lan5", subnet(onNode(second).subnets().getFirst().range())))
                .isInstanceOf(Failure.Forbidden.class)
                .hasMessage("Pool overlaps with other one on this address space");
        assertThatThrownBy(() -> create("lan4", Map.of()))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessage("network with name lan4 already exists");
        networks.remove(caller("p"), second, List.of());
        networks.remove(caller("p"), second, List.of());
    }

    @Test
    void aRemovalThatIsCutOffIsFinished() {
        String id = create("lan6", Map.of());
        machine.away(true);
        assertThatThrownBy(() -> networks.remove(caller("p"), id, List.of())).isInstanceOf(Failure.Unavailable.class);
        assertThat(claim(owner(), "lan6").problem()).isEqualTo("network lan6 not found");
        assertThatThrownBy(() -> create("lan7", Map.of())).isInstanceOf(Failure.Unavailable.class);
        machine.away(false);
        DATABASE.jdbc()
                .sql("update network set changed = now() - interval '1 hour' where state <> 'READY'")
                .update();
        service.context().getBean(Networks.class).sweep(caller("p"), Duration.ofMinutes(2));
        assertThat(machine.made()).doesNotContainKey(id);
        networks.remove(caller("p"), create("lan7", Map.of()), List.of());
    }

    @Test
    void endpointsBeyondThoseThatAreKeptGo() {
        List<String> ids = List.of(create("lan8", Map.of()), create("lan9", Map.of()));
        Owner owner = owner();
        Owner other = owner();
        ids.forEach(id -> {
            claim(owner, id);
            claim(other, id);
        });
        networks.keep(caller("p"), new KeptEndpoints(owner, List.of(ids.getLast())));
        assertThat(networks.owners(caller("p"), ids.getFirst(), null, null)).containsExactly(other);
        assertThat(networks.owners(caller("p"), ids.getLast(), null, null)).containsExactlyInAnyOrder(owner, other);
        assertThat(DATABASE.jdbc()
                        .sql("select network from lease where container = :container")
                        .param("container", owner.container().value())
                        .query(String.class)
                        .list())
                .containsExactly(ids.getLast());
        ids.forEach(id -> networks.remove(caller("p"), id, List.of(owner, other)));
    }

    @Test
    void listAndFilters() {
        String id = create("lan8", Map.of("Labels", Map.of("tier", "back"), "Internal", true));
        assertThat(names(null)).contains("bridge", "host", "lan8", "none");
        assertThat(names("{\"driver\":[\"null\"]}")).containsExactly("none");
        assertThat(names("{\"name\":{\"host\":true}}")).containsExactly("host");
        assertThat(names("{\"type\":[\"custom\"]}")).containsExactly("lan8");
        assertThat(names("{\"label\":[\"tier=back\"]}")).containsExactly("lan8");
        assertThat(names("{\"label\":[\"tier=front\"]}")).isEmpty();
        assertThat(names("{\"dangling\":[\"true\"]}")).containsExactly("lan8");
        Owner owner = owner();
        claim(owner, "lan8");
        assertThat(names("{\"dangling\":[\"true\"]}")).isEmpty();
        assertThat(names("{\"dangling\":[\"false\"]}")).contains("bridge", "lan8");
        assertThatThrownBy(() -> names("{\"colour\":[\"x\"]}"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("invalid filter 'colour'");
        assertThatThrownBy(() -> names("{\"dangling\":[\"maybe\"]}"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("dangling");
        NetworkDescription lan = networks.find(caller("p"), id.substring(0, 12));
        assertThat(lan.spec().internal()).isTrue();
        assertThat(lan.answer()).containsEntry("Name", "lan8").containsEntry("Internal", true);
        assertThatThrownBy(() -> networks.find(caller("p"), "lan"))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessage("network lan not found");
        networks.remove(caller("p"), id, List.of(owner));
    }

    private static List<Object> names(@Nullable String filters) {
        return engine.list(caller("p"), filters).stream()
                .map(network -> (Object) String.valueOf(network.get("Name")))
                .toList();
    }

    @Test
    void anOverlayNetworkHasANumberThatNoOtherHas() {
        String one = create("span1", Map.of("Driver", "overlay"));
        DATABASE.jdbc()
                .sql("select setval('vni', 4097, false)")
                .query(Long.class)
                .single();
        String two = create("span2", Map.of("Driver", "overlay", "Internal", true));
        NetworkSpec first = machine.spec(one);
        NetworkSpec.Overlay overlay = first.overlayOptions();
        assertThat(first.driver()).isEqualTo("overlay");
        assertThat(first.bridgeOptions().mtu()).isEqualTo(1450);
        assertThat(overlay.port()).isEqualTo(4789);
        assertThat(machine.spec(two).internal()).isTrue();
        assertThat(machine.spec(two).overlayOptions().vni())
                .isBetween(4097, 16_777_215)
                .isNotEqualTo(overlay.vni());
        assertThat(networks.find(caller("p"), "span1").answer())
                .containsEntry("Scope", "swarm")
                .containsEntry("Options", Map.of("com.docker.network.driver.overlay.vxlanid_list", "" + overlay.vni()));
        Owner owner = owner();
        assertThat(claim(owner, "span1").addresses()).hasSize(1);
        networks.release(caller("p"), List.of(owner));
        machine.second(true);
        assertThatThrownBy(() -> networks.claim(
                        caller("p"),
                        new NetworkClaim(owner(), NodeId.parse("node-2"), List.of(NetworkClaim.Wanted.anyOf("span1")))))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("set agent.data-address there");
        machine.second(false);
        networks.remove(caller("p"), one, List.of());
        networks.remove(caller("p"), two, List.of());
    }
}
