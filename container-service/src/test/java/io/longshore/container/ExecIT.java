package io.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ExecId;
import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.stream.StreamRequest;
import io.longshore.testworld.World;
import io.longshore.testworld.World.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exec sessions over HTTP, on PostgreSQL, with an agent in memory whose sessions say their arguments. */
class ExecIT {
    @TempDir
    static Path directory;

    private static World world;
    private static String box;

    @BeforeAll
    static void start() {
        world = new World(directory);
        box = world.create("box", "sleep");
        assertThat(world.post("/containers/box/start").status()).isEqualTo(204);
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    private static String session(boolean tty) {
        Answer made = world.call(
                "POST",
                "/containers/" + box + "/exec",
                "{\"Cmd\": [\"hi\"], \"AttachStdout\": true, \"Tty\": " + tty + "}");
        assertThat(made.status()).isEqualTo(201);
        return made.body().path("Id").asString();
    }

    private static String output(String session, String body) throws IOException {
        StreamRequest request = StreamRequest.post("/exec/" + session + "/start")
                .header("Content-Type", "application/json")
                .rawBody(body.getBytes(StandardCharsets.UTF_8));
        try (Duplex stream = world.streams().duplex(World.caller(), request)) {
            return new String(stream.input().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void outputHasFramesWhenTheStartHasNoTerminal() throws IOException {
        String framed = "\1\0\0\0\0\0\0\3hi\n";
        assertThat(output(session(true), "{\"Tty\": false}")).isEqualTo(framed);
        assertThat(output(session(false), "{}")).isEqualTo(framed);
        assertThat(output(session(false), "{\"Tty\": true}")).isEqualTo("hi\n");
        assertThat(output(session(true), "{\"tty\": true}")).isEqualTo("hi\n");
    }

    @Test
    void aFirstSizeNeedsATerminalOnBothSides() throws IOException {
        String session = session(true);
        output(session, "{\"Tty\": false, \"ConsoleSize\": [30, 90]}");
        assertThat(world.sessions().size(ExecId.parse(session))).isNull();
        session = session(true);
        output(session, "{\"Tty\": true, \"ConsoleSize\": [30, 90]}");
        assertThat(world.sessions().size(ExecId.parse(session))).isEqualTo("30 90");
    }

    @Test
    void ofTwoStartsAtOnceOneIsRefused() throws Exception {
        CountDownLatch gate = world.sessions().close();
        String session = session(false);
        CompletableFuture<String> first = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                first.complete(output(session, "{}"));
            } catch (IOException | RuntimeException e) {
                first.completeExceptionally(e);
            }
        });
        World.await("the first start is under way", () -> claimed(session));
        Answer second = world.call("POST", "/exec/" + session + "/start", "{\"Detach\": true}");
        assertThat(second.status()).isEqualTo(409);
        assertThat(second.message()).isEqualTo("Error: Exec command " + session + " is already running");
        gate.countDown();
        assertThat(first.get(20, TimeUnit.SECONDS)).endsWith("hi\n");
        World.await("its end is known", () -> !running(session));
        Answer third = world.call("POST", "/exec/" + session + "/start", "{\"Detach\": true}");
        assertThat(third.message()).isEqualTo("Error: Exec command " + session + " has already run");
    }

    private static boolean claimed(String session) {
        return world.database()
                .jdbc()
                .sql("select claimed is not null from exec where id = :id")
                .param("id", session)
                .query(Boolean.class)
                .single();
    }

    private static boolean running(String session) {
        return world.get("/exec/" + session + "/json").body().path("Running").asBoolean();
    }

    @Test
    void aFailureThatPassesLeavesTheSessionToBeStarted() throws IOException {
        String session = session(false);
        world.sessions().refuseNext(new Failure.Unavailable("the agent is starting"));
        assertThatThrownBy(() -> output(session, "{}")).isInstanceOf(Failure.Unavailable.class);
        assertThat(world.get("/exec/" + session + "/json")
                        .body()
                        .path("ExitCode")
                        .isNull())
                .isTrue();
        assertThat(output(session, "{}")).endsWith("hi\n");
    }

    @Test
    void whatCannotBeDoneIsRemembered() throws IOException {
        String session = session(true);
        world.sessions().refuseNext(new Failure.Invalid("unable to find user nobody"));
        assertThat(output(session, "{\"Tty\": true}")).isEqualTo("unable to find user nobody\r\n");
        assertThat(world.get("/exec/" + session + "/json")
                        .body()
                        .path("ExitCode")
                        .asInt())
                .isEqualTo(126);
    }
}
