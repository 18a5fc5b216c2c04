package io.longshore.container.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.stream.ByteStream;
import io.longshore.platform.stream.StreamRequest;
import io.longshore.platform.web.Json;
import io.longshore.testworld.World;
import io.longshore.testworld.World.Answer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;

/** top, stats and what system/df asks, over HTTP, with an agent in memory. */
class FiguresIT {
    private static final String NEVER = "0001-01-01T00:00:00Z";

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
    void removeAll() {
        for (var container : world.get("/containers/json?all=1").body()) {
            world.call("DELETE", "/containers/" + container.path("Id").asString() + "?force=1&v=1", null);
        }
    }

    private static String running() {
        String id = world.create("", "sleep");
        assertThat(world.post("/containers/" + id + "/start").status()).isEqualTo(204);
        return id;
    }

    @Test
    void topIsTheAgentsAndIsTold() {
        String id = running();
        Answer top = world.get("/containers/" + id + "/top?ps_args=-o%20pid");
        assertThat(top.status()).isEqualTo(200);
        assertThat(top.body())
                .isEqualTo(Json.mapper()
                        .readTree("{\"Processes\":[[\"1\",\"-o pid\"]],\"Titles\":[\"PID\",\"ARGUMENTS\"]}"));
        assertThat(world.actions(id, 3)).containsExactly("create", "start", "top");
        assertThat(world.get("/containers/" + id + "/top")
                        .body()
                        .at("/Processes/0/1")
                        .asString())
                .isEmpty();
    }

    @Test
    void topOfWhatDoesNotRunIsAConflict() {
        String created = world.create("", "sleep");
        String ended = running();
        world.post("/containers/" + ended + "/kill");
        World.await(
                "the end", () -> world.state(ended).path("Status").asString().equals("exited"));
        for (String id : new String[] {created, ended}) {
            Answer top = world.get("/containers/" + id + "/top");
            assertThat(top.status()).isEqualTo(409);
            assertThat(top.message()).isEqualTo("container " + id + " is not running");
        }
        assertThat(world.get("/containers/nosuch/top").message()).isEqualTo("No such container: nosuch");
        assertThat(world.actions(created, 1)).containsExactly("create");
    }

    @Test
    void oneObjectHasWhatWasUsedBefore() {
        String id = running();
        JsonNode one = world.get("/containers/" + id + "/stats?stream=0").body();
        assertThat(one.path("id").asString()).isEqualTo(id);
        assertThat(one.path("preread").asString()).isNotEqualTo(NEVER);
        assertThat(one.at("/cpu_stats/cpu_usage/total_usage").asLong())
                .isGreaterThan(one.at("/precpu_stats/cpu_usage/total_usage").asLong());
        JsonNode single =
                world.get("/containers/" + id + "/stats?stream=0&one-shot=1").body();
        assertThat(single.path("preread").asString()).isEqualTo(NEVER);
        assertThat(single.at("/cpu_stats/cpu_usage/total_usage").asLong()).isPositive();
        assertThat(single.at("/precpu_stats/cpu_usage/total_usage").asLong()).isZero();
    }

    @Test
    void oneObjectOfWhatDoesNotRunIsEmpty() {
        String id = world.create("idle", "sleep");
        for (String query : new String[] {"?stream=0", "?stream=0&one-shot=1"}) {
            Answer answer = world.get("/containers/idle/stats" + query);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body())
                    .isEqualTo(Json.mapper().readTree(Json.bytes(StatsAnswer.of(id, "idle", null, null))));
        }
    }

    @Test
    void refusals() {
        String id = world.create("", "sleep");
        Answer both = world.get("/containers/" + id + "/stats?one-shot=1");
        assertThat(both.status()).isEqualTo(400);
        assertThat(both.message()).isEqualTo("cannot have stream=true and one-shot=true");
        assertThat(world.get("/containers/nosuch/stats?stream=0").status()).isEqualTo(404);
        assertThatThrownBy(() -> stream("nosuch").close()).isInstanceOf(Failure.NotFound.class);
    }

    private static ByteStream stream(String id) {
        return world.streams().download(World.caller(), StreamRequest.get("/containers/" + id + "/stats"));
    }

    @Test
    void aStreamGoesOnAcrossStartAndStopUntilTheRemoval() {
        String id = world.create("", "sleep");
        try (ByteStream stream = stream(id)) {
            MappingIterator<JsonNode> objects =
                    Json.mapper().readerFor(JsonNode.class).readValues(stream.input());
            assertThat(objects.nextValue().path("read").asString()).isEqualTo(NEVER);
            assertThat(world.post("/containers/" + id + "/start").status()).isEqualTo(204);
            JsonNode first = objects.nextValue();
            while (first.path("read").asString().equals(NEVER)) {
                first = objects.nextValue();
            }
            JsonNode second = objects.nextValue();
            assertThat(second.path("precpu_stats")).isEqualTo(first.path("cpu_stats"));
            assertThat(second.path("preread")).isEqualTo(first.path("read"));
            assertThat(world.post("/containers/" + id + "/kill").status()).isEqualTo(204);
            JsonNode last = objects.nextValue();
            while (!last.path("read").asString().equals(NEVER)) {
                last = objects.nextValue();
            }
            assertThat(last.path("id").asString()).isEqualTo(id);
            world.call("DELETE", "/containers/" + id + "?force=1", null);
            while (objects.hasNextValue()) {
                objects.nextValue();
            }
        }
    }

    @Test
    void usageIsTheListWithSizes() {
        world.create("one", "sleep");
        JsonNode usage = world.get("/internal/containers/usage?version=1.51").body();
        assertThat(usage.size()).isEqualTo(1);
        assertThat(usage.at("/0/Names/0").asString()).isEqualTo("/one");
        assertThat(usage.at("/0/SizeRw").asLong()).isPositive();
        assertThat(usage.at("/0/SizeRootFs").asLong()).isPositive();
    }
}
