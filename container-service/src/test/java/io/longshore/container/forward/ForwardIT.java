package io.longshore.container.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.agent.Port;
import io.longshore.contracts.agent.Port.Entries;
import io.longshore.contracts.fleet.NodeSpec;
import io.longshore.contracts.id.ContainerId;
import io.longshore.testworld.World;
import io.longshore.testworld.agent.TestForwards;
import io.longshore.testworld.agent.TestNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What an entry is asked for when containers on another node publish ports. */
class ForwardIT {
    @TempDir
    static Path directory;

    private static final String ON_HULK =
            "\"Labels\": {\"io.longshore.placement.constraint\": \"node.hostname==hulk\"}, ";

    private static World world;
    private static TestForwards entry;

    @BeforeAll
    static void start() {
        world = new World(directory);
        entry = world.entry("door", TestNode.Fleet.info().dataAddress("192.0.2.9"));
        World.await("both nodes are known", () -> {
            String id = create("probe", "\"80/tcp\": [{\"HostPort\": \"7999\"}]");
            world.post("/containers/" + id + "/start");
            boolean known = !entry.numbers(id).isEmpty();
            world.call("DELETE", "/containers/" + id + "?force=1", null);
            return known;
        });
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @AfterEach
    void nobodyIsLeft() {
        entry.away(false);
        for (JsonNode container : world.get("/containers/json?all=1").body()) {
            world.call("DELETE", "/containers/" + container.path("Id").asString() + "?force=1", null);
        }
    }

    private static String create(String name, String bindings) {
        return create(name, "", bindings);
    }

    private static String create(String name, String more, String bindings) {
        World.Answer created = world.call(
                "POST",
                "/containers/create?name=" + name,
                "{" + more + "\"Image\": \"busybox\", \"Cmd\": [\"sleep\"], \"HostConfig\": {\"NetworkMode\": \"lan\","
                        + " \"PortBindings\": {" + bindings + "}}}");
        assertThat(created.status()).as(created.body().toString()).isEqualTo(201);
        return created.body().path("Id").asString();
    }

    private static World.Answer started(String id) {
        return world.post("/containers/" + id + "/start");
    }

    private static String shown(String id, String port) {
        JsonNode ports = world.get("/containers/" + id + "/json")
                .body()
                .path("NetworkSettings")
                .path("Ports");
        return ports.path(port).path(0).path("HostIp").asString("") + ":"
                + ports.path(port).path(0).path("HostPort").asString("");
    }

    @Test
    void theEntryHasThePortsThatAreTold() {
        String id = create("web", "\"80/tcp\": [{\"HostPort\": \"8080\"}], \"81/udp\": [{\"HostPort\": \"\"}]");
        assertThat(started(id).status()).isEqualTo(204);
        List<Integer> numbers = entry.numbers(id);
        assertThat(numbers).hasSize(2).first().isEqualTo(8080);
        assertThat(numbers.get(1)).isGreaterThanOrEqualTo(50_000);
        assertThat(shown(id, "80/tcp")).isEqualTo("0.0.0.0:8080");
        assertThat(shown(id, "81/udp")).isEqualTo("0.0.0.0:" + numbers.get(1));
        assertThat(entry.held(id).node()).isEqualTo("192.0.2.1");
        assertThat(entry.held(id).source()).isEqualTo("192.0.2.9");
        world.post("/containers/" + id + "/stop?t=0");
        World.await("it is given back", () -> entry.numbers(id).isEmpty());
        assertThat(started(id).status()).isEqualTo(204);
        assertThat(entry.numbers(id)).hasSize(2).first().isEqualTo(8080);
    }

    @Test
    void aPortThatIsTakenThereIsAConflictAndNothingIsStarted() {
        String first = create("first", "\"80/tcp\": [{\"HostPort\": \"8081\"}]");
        String second = create("second", "\"80/tcp\": [{\"HostPort\": \"8081\"}]");
        assertThat(started(first).status()).isEqualTo(204);
        World.Answer refused = started(second);
        assertThat(refused.message()).contains("Bind for 0.0.0.0:8081 failed: port is already allocated");
        assertThat(world.state(second).path("Status").asString()).isEqualTo("created");
        assertThat(world.state(second).path("Error").asString()).contains("port is already allocated");
        assertThat(entry.numbers(second)).isEmpty();
        // Whose container has just ended is not in the way.
        assertThat(world.post("/containers/" + first + "/stop?t=0").status()).isEqualTo(204);
        assertThat(started(second).status()).isEqualTo(204);
        assertThat(entry.numbers(second)).containsExactly(8081);
    }

    @Test
    void whenTheNodeDoesNotHaveTheNumberTheEntryTakesTheNodes() {
        String probe = create("probe", "\"80/tcp\": [{}]");
        assertThat(started(probe).status()).isEqualTo(204);
        int next = entry.numbers(probe).getFirst() + 1;
        world.agent().occupy(next);
        String id = create("other", "\"80/tcp\": [{}]");
        assertThat(started(id).status()).isEqualTo(204);
        assertThat(entry.numbers(id)).containsExactly(next + 1);
        assertThat(shown(id, "80/tcp")).isEqualTo("0.0.0.0:" + (next + 1));
    }

    @Test
    void anEntryThatGoesAwayDuringAStartIsToldTheNodesNumberLater() {
        String probe = create("probe", "\"80/tcp\": [{}]");
        assertThat(started(probe).status()).isEqualTo(204);
        int next = entry.numbers(probe).getFirst() + 1;
        world.agent().occupy(next);
        entry.leaveAfterTake();
        String id = create("left", "\"80/tcp\": [{}]");
        assertThat(started(id).status()).isEqualTo(204);
        assertThat(world.state(id).path("Status").asString()).isEqualTo("running");
        assertThat(shown(id, "80/tcp")).isEqualTo("0.0.0.0:" + (next + 1));
        assertThat(entry.numbers(id)).containsExactly(next);
        entry.away(false);
        World.await("it is told", () -> entry.numbers(id).equals(List.of(next + 1)));
    }

    /** To which an address of an entry is one of its own. */
    @Test
    void aNodeOfAnEarlierVersionIsNotStartedWithAPortAtOneAddress() {
        world.join("hulk", TestNode.Fleet.info().dataAddress("192.0.2.7").version("0.0.9"));
        try {
            World.await("hulk takes containers", () -> createdOnHulk("there"));
            String id = create("web", ON_HULK, "\"80/tcp\": [{\"HostIp\": \"127.0.0.1\", \"HostPort\": \"8085\"}]");
            World.Answer refused = started(id);
            assertThat(refused.status()).isEqualTo(501);
            assertThat(refused.message())
                    .startsWith("cannot publish port 80/tcp at 127.0.0.1: that is an address of door, and agent of node"
                            + " hulk (Longshore 0.0.9) publishes at its own addresses alone: upgrade it to Longshore ");
            assertThat(entry.numbers(id)).isEmpty();
            String everywhere = create("all", ON_HULK, "\"80/tcp\": [{\"HostPort\": \"8086\"}]");
            assertThat(started(everywhere).status()).isEqualTo(204);
            assertThat(entry.numbers(everywhere)).containsExactly(8086);
        } finally {
            nobodyIsLeft();
            world.fleet().want("hulk", NodeSpec.Availability.PAUSE, Instant.now());
            // What takes containers is known for a second.
            World.await("hulk takes none", () -> !createdOnHulk("last"));
        }
    }

    private static boolean createdOnHulk(String name) {
        World.Answer created =
                world.call("POST", "/containers/create?name=" + name, "{" + ON_HULK + "\"Image\": \"busybox\"}");
        if (created.status() == 201) {
            world.call("DELETE", "/containers/" + name + "?force=1", null);
        }
        return created.status() == 201;
    }

    @Test
    void atAnAddressOfTheEntryItAnswersThereAndTheNodeToTheEntryAlone() {
        String id = create("local", "\"80/tcp\": [{\"HostIp\": \"127.0.0.1\", \"HostPort\": \"8082\"}]");
        assertThat(started(id).status()).isEqualTo(204);
        assertThat(entry.held(id).ports()).extracting(Port::hostAddress).containsExactly("127.0.0.1");
        assertThat(world.agent().spec(ContainerId.parse(id)).network().ports())
                .extracting(Port::entries)
                .containsExactly(new Entries(8082, "192.0.2.1", List.of("192.0.2.9")));
        assertThat(shown(id, "80/tcp")).isEqualTo("127.0.0.1:8082");
    }

    @Test
    void anEntryThatIsAwayIsToldLater() {
        entry.away(true);
        String id = create("late", "\"80/tcp\": [{\"HostPort\": \"8083\"}]");
        assertThat(started(id).status()).isEqualTo(204);
        assertThat(entry.numbers(id)).isEmpty();
        entry.away(false);
        World.await("it is told", () -> entry.numbers(id).equals(List.of(8083)));
    }

    @Test
    void whatAnEntryHasLostItIsToldAgain() {
        String id = create("kept", "\"80/tcp\": [{\"HostPort\": \"8084\"}]");
        assertThat(started(id).status()).isEqualTo(204);
        world.restart(entry::forget);
        World.await("it is told", () -> entry.numbers(id).equals(List.of(8084)));
    }

    @Test
    void whatEndedAtOnceIsNotInTheWay() {
        for (int n = 0; n < 3; n++) {
            String id = create("brief" + n, "\"80/tcp\": [{\"HostPort\": \"8086\"}]");
            assertThat(started(id).status()).isEqualTo(204);
            assertThat(world.call("DELETE", "/containers/" + id + "?force=1", null)
                            .status())
                    .isEqualTo(204);
        }
    }

    @Test
    void whatEndsByItselfGivesItsPortBack() {
        String id = create("short", "\"80/tcp\": [{\"HostPort\": \"8085\"}]");
        assertThat(started(id).status()).isEqualTo(204);
        assertThat(world.post("/containers/" + id + "/kill").status()).isEqualTo(204);
        World.await("it is given back", () -> entry.numbers(id).isEmpty());
    }
}
