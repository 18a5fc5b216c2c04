package io.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.network.ClaimedNetwork;
import io.longshore.contracts.network.NetworkApi;
import io.longshore.contracts.network.NetworkClaim;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.stream.StreamClient;
import io.longshore.platform.stream.StreamRequest;
import io.longshore.platform.telemetry.Trace;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class NetworksIT {
    private static final TestDatabase DATABASE = TestDatabase.create("network");

    @TempDir
    static Path directory;

    private static Settings settings;
    private static RunningService service;
    private static Connections connections;
    private static NetworkApi networks;

    @BeforeAll
    static void start() {
        Map<String, Object> values = new HashMap<>(DATABASE.settings());
        values.put("run.directory", directory.resolve("run").toString());
        settings = Settings.of(values);
        service = ServiceRunner.start(NetworkServiceApplication.class, settings);
        connections = new Connections();
        networks = client();
    }

    private static NetworkApi client() {
        return new Parts(connections).client(NetworkApi.class, "network-service", new Address.Unix(service.socket()));
    }

    @AfterAll
    static void stop() throws IOException {
        connections.close();
        service.close();
    }

    private static Caller caller(String project) {
        return new Caller("tester", project, Instant.now().plusSeconds(20), Trace.newId());
    }

    private static NetworkClaim claim(Owner owner, String network) {
        return new NetworkClaim(owner, NodeId.parse("node-1"), network);
    }

    @Test
    void claimsAreIdempotentAndKeptUntilGivenUp() {
        Owner owner = new Owner(ContainerId.random(), 1);
        ClaimedNetwork first = networks.claim(caller("p"), claim(owner, "none"));
        assertThat(first.driver()).isEqualTo("null");
        assertThat(first.endpointId()).matches("[0-9a-f]{64}");
        assertThat(networks.claim(caller("p"), claim(owner, "none"))).isEqualTo(first);
        assertThat(networks.claim(caller("p"), claim(owner, first.networkId()))).isEqualTo(first);
        assertThat(networks.list(caller("p"), null, 1_000).claims())
                .extracting(ClaimPage.Held::owner)
                .contains(owner);
        networks.release(caller("p"), List.of(owner));
        assertThat(networks.list(caller("p"), null, 1_000).claims())
                .extracting(ClaimPage.Held::owner)
                .doesNotContain(owner);
        networks.release(caller("p"), List.of(owner));
    }

    @Test
    void idsAreStableAndEachProjectHasItsOwn() throws IOException {
        String before = networks.claim(caller("p"), claim(new Owner(ContainerId.random(), 1), "host"))
                .networkId();
        service.close();
        service = ServiceRunner.start(NetworkServiceApplication.class, settings);
        connections.close();
        connections = new Connections();
        networks = client();
        assertThat(networks.claim(caller("p"), claim(new Owner(ContainerId.random(), 1), "host"))
                        .networkId())
                .isEqualTo(before);
        assertThat(networks.claim(caller("q"), claim(new Owner(ContainerId.random(), 1), "host"))
                        .networkId())
                .isNotEqualTo(before);
    }

    @Test
    void aRepeatedClaimThatIsGivenUpIsGone() {
        Owner owner = new Owner(ContainerId.random(), 1);
        networks.claim(caller("p"), claim(owner, "none"));
        assertThat(owners()).contains(owner);
        networks.claim(caller("p"), claim(owner, "none"));
        networks.release(caller("p"), List.of(owner));
        assertThat(owners()).doesNotContain(owner);
    }

    @Test
    void whatCouldNotBeWrittenIsWrittenLater() {
        Owner kept = new Owner(ContainerId.random(), 1);
        Owner released = new Owner(ContainerId.random(), 1);
        networks.claim(caller("p"), claim(released, "none"));
        assertThat(owners()).contains(released);
        DATABASE.jdbc().sql("alter table endpoint rename to away").update();
        try {
            networks.claim(caller("p"), claim(kept, "none"));
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
    void unknownNetworkIsNotFound() {
        assertThatThrownBy(() -> networks.claim(caller("p"), claim(new Owner(ContainerId.random(), 1), "lan")))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessage("network lan not found");
    }

    @Test
    void listAndInspect() throws IOException {
        JsonNode all = get("/networks");
        assertThat(all.valueStream().map(one -> one.path("Name").asString())).containsExactly("host", "none");
        assertThat(get("/networks?filters=%7B%22driver%22:%5B%22null%22%5D%7D").size())
                .isEqualTo(1);
        assertThat(get("/networks?filters=%7B%22name%22:%7B%22host%22:true%7D%7D")
                        .size())
                .isEqualTo(1);
        JsonNode none = get("/networks/none");
        assertThat(get("/networks/" + none.path("Id").asString().substring(0, 12)))
                .isEqualTo(none);
        assertThat(none.path("Driver").asString()).isEqualTo("null");
        assertThat(none.path("Scope").asString()).isEqualTo("local");
        assertThatThrownBy(() -> get("/networks/lan"))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessage("network lan not found");
        assertThatThrownBy(() -> get("/networks?filters=%7B%22colour%22:%5B%22x%22%5D%7D"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("invalid filter 'colour'");
        assertThatThrownBy(() -> get("/networks?filters=%7B%22name%22:%22host%22%7D"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("invalid filter 'name': want a list");
        assertThatThrownBy(() -> get("/networks?filters=%7B%22dangling%22:%5B%22maybe%22%5D%7D"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("dangling");
        assertThat(get("/networks?filters=%7B%22dangling%22:%5B%22false%22%5D%7D")
                        .size())
                .isEqualTo(2);
        assertThat(get("/networks?filters=%7B%22label%22:%5B%22a%22%5D%7D").size())
                .isZero();
    }

    private static JsonNode get(String target) throws IOException {
        StreamClient client = new StreamClient("network-service", () -> new Address.Unix(service.socket()));
        try (var answer = client.download(caller("p"), StreamRequest.get(target))) {
            return Json.mapper().readTree(answer.input().readAllBytes());
        }
    }
}
