package io.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.container.lifecycle.ContainerLocks;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.network.NetworkClaim;
import io.longshore.testworld.World;
import io.longshore.testworld.World.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Containers on a network with two addresses. */
class NetworkingIT {
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
        for (var container : world.get("/containers/json?all=1").body()) {
            world.call("DELETE", "/containers/" + container.path("Id").asString() + "?force=1&v=1", null);
        }
        World.await("claims given up", () -> world.networks().claims().size() == 0);
        world.networks().makeLanAgain();
    }

    private static String create(String endpoint) {
        Answer created = world.call(
                "POST",
                "/containers/create",
                "{\"Image\": \"busybox\", \"Cmd\": [\"sleep\"], \"HostConfig\": {\"NetworkMode\": \"lan\"},"
                        + " \"NetworkingConfig\": {\"EndpointsConfig\": {\"lan\": {" + endpoint + "}}}}");
        assertThat(created.status()).as(created.body().toString()).isEqualTo(201);
        return created.body().path("Id").asString();
    }

    private static String started(String endpoint) {
        String id = create(endpoint);
        assertThat(start(id).status()).isEqualTo(204);
        return id;
    }

    private static Answer start(String id) {
        return world.post("/containers/" + id + "/start");
    }

    private static JsonNode endpoint(String id) {
        return world.get("/containers/" + id + "/json")
                .body()
                .path("NetworkSettings")
                .path("Networks")
                .path("lan");
    }

    private static String address(String id) {
        return endpoint(id).path("IPAddress").asString();
    }

    @Test
    void anAddressIsShownWhileItRunsAndKept() {
        String id = create("\"Aliases\": [\"db\"], \"GwPriority\": 2");
        assertThat(address(id)).isEmpty();
        start(id);
        assertThat(address(id)).isEqualTo("10.9.0.2");
        assertThat(endpoint(id).path("Gateway").asString()).isEqualTo("10.9.0.1");
        assertThat(endpoint(id).path("IPPrefixLen").asInt()).isEqualTo(30);
        assertThat(endpoint(id).path("DNSNames").valueStream().map(JsonNode::asString))
                .contains("db", id.substring(0, 12));
        JsonNode network = world.get("/networks/lan").body();
        assertThat(network.path("Containers").path(id).path("IPv4Address").asString())
                .isEqualTo("10.9.0.2/30");
        world.post("/containers/" + id + "/stop?t=0");
        assertThat(address(id)).isEmpty();
        assertThat(world.get("/networks/lan").body().path("Containers")).isEmpty();
        start(id);
        assertThat(address(id)).isEqualTo("10.9.0.2");
    }

    @Test
    void oneThatDoesNotRunGivesItsAddressUp() {
        String idle = create("");
        String busy = started("");
        String third = started("");
        assertThat(address(busy)).isEqualTo("10.9.0.3");
        assertThat(address(third)).isEqualTo("10.9.0.2");
        Answer refused = start(idle);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.message()).isEqualTo("no available IPv4 addresses");
        world.post("/containers/" + third + "/stop?t=0");
        assertThat(start(idle).status()).isEqualTo(204);
        assertThat(address(idle)).isEqualTo("10.9.0.2");
        assertThat(spec(third).getFirst().addresses()).isEmpty();
        assertThat(start(third).status()).isEqualTo(403);
    }

    /** Its stop was answered, and what follows its end holds its lock for a moment more. */
    @Test
    void oneThatIsStillBusyWithItsEndIsWaitedFor() throws Exception {
        String ended = started("");
        started("");
        world.post("/containers/" + ended + "/stop?t=0");
        ContainerLocks locks = world.service().context().getBean(ContainerLocks.class);
        CountDownLatch held = new CountDownLatch(1);
        Thread busy = Thread.ofPlatform().start(() -> {
            try (var lock = locks.tryLock(ContainerId.parse(ended), Duration.ofSeconds(5))) {
                held.countDown();
                LockSupport.parkNanos(Duration.ofMillis(lock == null ? 0 : 300).toNanos());
            }
        });
        held.await();
        assertThat(start(create("")).status()).isEqualTo(204);
        busy.join();
    }

    /** Of which there is no row yet: it will write down what it has claimed. */
    @Test
    void anAddressOfOneThatIsBeingCreatedIsNotTaken() {
        Owner unborn = new Owner(ContainerId.random(), 1);
        world.networks()
                .claim(
                        World.caller(),
                        new NetworkClaim(unborn, new NodeId("test"), List.of(NetworkClaim.Wanted.anyOf("lan"))));
        started("");
        String late = create("");
        assertThat(start(late).message()).isEqualTo("no available IPv4 addresses");
        world.networks().release(World.caller(), List.of(unborn));
        assertThat(start(late).status()).isEqualTo(204);
    }

    @Test
    void aConnectThatFailsLeavesNothingOnTheNode() {
        String id = started("");
        disconnect(id);
        world.agent().loseAnAnswer();
        assertThat(connect(id).status()).isEqualTo(503);
        assertThat(spec(id)).isEmpty();
        assertThat(connect(id).status()).isEqualTo(200);
        assertThat(address(id)).isEqualTo("10.9.0.2");
    }

    @Test
    void aConnectThatFailsTakesNoAddressFromWhoHasOne() {
        String id = started("");
        world.post("/containers/" + id + "/stop?t=0");
        world.agent().loseAnAnswer();
        assertThat(connect(id).status()).isEqualTo(503);
        started("");
        started("");
        assertThat(start(id).status()).as("both addresses are others'").isEqualTo(403);
    }

    @Test
    void aConnectThatIsRefusedClaimsNothing() {
        String busy = started("");
        String id = started("");
        disconnect(id);
        assertThat(address(busy)).isEqualTo("10.9.0.2");
        Answer refused = world.call(
                "POST",
                "/networks/lan/connect",
                "{\"Container\": \"" + id
                        + "\", \"EndpointConfig\": {\"IPAMConfig\": {\"IPv4Address\": \"10.9.0.2\"}}}");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.message()).isEqualTo("Address already in use");
        assertThat(owners()).containsExactly(busy);
    }

    private static List<String> owners() {
        return world.networks().owners(World.caller(), "lan", null, null).stream()
                .map(owner -> owner.container().value())
                .toList();
    }

    private static Answer connect(String id) {
        return world.call("POST", "/networks/lan/connect", "{\"Container\": \"" + id + "\"}");
    }

    private static List<EndpointSpec> spec(String id) {
        return world.agent().spec(ContainerId.parse(id)).network().endpoints();
    }

    @Test
    void aWantedAddressIsForWhoRuns() {
        String wanted = "\"IPAMConfig\": {\"IPv4Address\": \"10.9.0.3\"}";
        String first = started(wanted);
        String second = create(wanted);
        assertThat(start(second).message()).isEqualTo("Address already in use");
        world.post("/containers/" + first + "/stop?t=0");
        assertThat(start(second).status()).isEqualTo(204);
        assertThat(address(second)).isEqualTo("10.9.0.3");
        assertThat(start(first).status()).isEqualTo(403);
        assertThat(endpoint(first).path("IPAMConfig").path("IPv4Address").asString())
                .isEqualTo("10.9.0.3");
    }

    @Test
    void connectAndDisconnect() {
        String id = started("");
        assertThat(disconnect(id).status()).isEqualTo(200);
        assertThat(spec(id)).isEmpty();
        assertThat(endpoint(id).isMissingNode()).isTrue();
        assertThat(disconnect(id).status()).isEqualTo(403);
        assertThat(disconnect(id).message()).isEqualTo("container " + id + " is not connected to network lan");
        Answer connected = world.call(
                "POST",
                "/networks/lan/connect",
                "{\"Container\": \"" + id + "\", \"EndpointConfig\": {\"Aliases\": [\"x\"]}}");
        assertThat(connected.status()).as(connected.body().toString()).isEqualTo(200);
        assertThat(spec(id).getFirst().names()).contains("x");
        assertThat(address(id)).isEqualTo("10.9.0.2");
        assertThat(connect(id).status()).isEqualTo(403);
        assertThat(world.call("POST", "/networks/lan/connect", "{}").status()).isEqualTo(400);
        assertThat(world.call("POST", "/networks/far/connect", "{\"Container\": \"" + id + "\"}")
                        .status())
                .isEqualTo(404);
    }

    private static Answer disconnect(String id) {
        return world.call("POST", "/networks/lan/disconnect", "{\"Container\": \"" + id + "\"}");
    }

    @Test
    void aRenamedContainerIsFoundByItsNewName() {
        String id = started("\"Aliases\": [\"db\"]");
        world.post("/containers/" + id + "/rename?name=other");
        assertThat(spec(id).getFirst().names()).startsWith("other", "db");
    }

    @Test
    void onlyWhoRunsKeepsANetwork() {
        String running = started("");
        String idle = create("");
        Answer refused = world.call("DELETE", "/networks/lan", null);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.message()).contains("has active endpoints");
        world.call("DELETE", "/containers/" + running + "?force=1", null);
        assertThat(world.call("DELETE", "/networks/lan", null).status()).isEqualTo(204);
        assertThat(start(idle).status()).isEqualTo(404);
        assertThat(start(idle).message()).isEqualTo("network lan not found");
        assertThat(world.call("DELETE", "/networks/lan", null).status()).isEqualTo(404);
        world.networks().makeLanAgain();
        assertThat(start(idle).status()).isEqualTo(204);
        assertThat(address(idle)).isEqualTo("10.9.0.2");
    }

    @Test
    void pruneRemovesWhatNobodyRunsOn() {
        String running = started("");
        assertThat(world.post("/networks/prune").body().path("NetworksDeleted")).isEmpty();
        world.call("DELETE", "/containers/" + running + "?force=1", null);
        assertThat(world.post("/networks/prune")
                        .body()
                        .path("NetworksDeleted")
                        .path(0)
                        .asString())
                .isEqualTo("lan");
    }
}
