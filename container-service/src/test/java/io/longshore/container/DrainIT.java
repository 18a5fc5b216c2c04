package io.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.agent.ApplyRequest;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.fleet.NodeSpec.Availability;
import io.longshore.contracts.id.ContainerId;
import io.longshore.testworld.World;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Draining {@code ship}: what moves, what stays and why, and what users do meanwhile. */
class DrainIT extends DrainCases {
    @Test
    void whatLosesNothingMovesAsItIs() {
        assertThat(create("fresh", "", "").status()).isEqualTo(201);
        ContainerId readOnly = run("readonly", "\"mine\": \"1\"", "\"ReadonlyRootfs\": true");
        ContainerId anew = run("anew", ANEW, "");
        ContainerId ended = run("ended", ANEW, "", "exit", "3");
        World.await("its end", () -> !runs("ended"));
        String created =
                world.get("/containers/readonly/json").body().path("Created").asString();
        List<String> before = world.actions(anew.value(), 2);
        drain();
        World.await("they have moved", () -> isOn(TUG, "fresh", "readonly", "anew", "ended"));
        var inspected = world.get("/containers/readonly/json").body();
        assertThat(inspected.path("Id").asString()).isEqualTo(readOnly.value());
        assertThat(inspected.path("Created").asString()).isEqualTo(created);
        assertThat(inspected.path("Config").path("Labels").path("mine").asString())
                .isEqualTo("1");
        assertThat(List.of(runs("readonly"), runs("anew"), runs("ended"), runs("fresh")))
                .containsExactly(true, true, false, false);
        assertThat(world.state("ended").path("ExitCode").asInt()).isEqualTo(3);
        assertThat(world.state("fresh").path("Status").asString()).isEqualTo("created");
        assertThat(before).containsExactly("create", "start");
        assertThat(world.actions(anew.value(), 7))
                .containsExactly("create", "start", "kill", "die", "stop", "start", "restart");
        assertThat(world.actions(ended.value(), 3)).containsExactly("create", "start", "die");
        assertThat(ship.present()).isZero();
        assertThat(errors()).isEmpty();
        // All is as usual there, and the way back is open.
        assertThat(world.post("/containers/ended/start").status()).isEqualTo(204);
        World.await("its end", () -> world.actions(ended.value(), 5).size() == 5);
        assertThat(world.post("/containers/fresh/start").status()).isEqualTo(204);
        assertThat(world.post("/containers/fresh/kill").status()).isEqualTo(204);
        world.fleet().want("ship", Availability.ACTIVE, Instant.now());
        world.fleet().want("tug", Availability.DRAIN, Instant.now());
        World.await("they have moved back", () -> isOn(SHIP, "readonly", "anew", "ended"));
        assertThat(runs("readonly")).isTrue();
        assertThat(errors()).containsOnlyKeys("fresh");
        assertThat(tug.present()).isEqualTo(1);
        assertThat(world.images().claims().owners())
                .filteredOn(owner -> owner.container().equals(anew))
                .singleElement()
                .matches(owner -> owner.generation() == 3);
    }

    @Test
    void whatCannotLeaveStaysAndSaysWhy() {
        run("writer", "", "");
        run("bound", ANEW, "\"Binds\": [\"/tmp:/data\"]");
        run("stored", ANEW, "\"Binds\": [\"data:/data\"]");
        run("joined", ANEW, "");
        run("joiner", ANEW, "\"PidMode\": \"container:joined\"");
        run("host", ANEW, "\"NetworkMode\": \"host\"");
        run("once", ANEW, "\"AutoRemove\": true");
        run("first", ANEW, "\"NetworkMode\": \"lan\"");
        run("second", ANEW, "\"NetworkMode\": \"lan\"");
        started(createWith("patient", ANEW, "", "\"StopTimeout\": -1, "));
        started(createWith("slow", ANEW, "", "\"StopTimeout\": 3600, "));
        run("fixed", ANEW + ", \"io.longshore.placement.constraint\": \"node.hostname==ship\"", "");
        ContainerId copied =
                ContainerId.parse(create("copied", "", "").body().path("Id").asString());
        ship.apply(World.caller(), copied, new ApplyRequest(ship.highestEpoch(World.caller()), spec(copied), 0));
        drain();
        World.await("all say why", () -> errors().size() == 13);
        assertThat(errors())
                .isEqualTo(Map.ofEntries(
                        Map.entry(
                                "writer",
                                "stays: what it has written would be lost: --read-only, or label"
                                        + " io.longshore.placement.move=true, says that there is nothing to lose"),
                        Map.entry("bound", "stays: bind mount of /tmp, which is this node's"),
                        Map.entry("stored", "stays: volume data does not leave this node"),
                        Map.entry(
                                "joined",
                                "stays: container joiner and this one share namespaces or a link, and one node"),
                        Map.entry(
                                "joiner",
                                "stays: container joined and this one share namespaces or a link, and one node"),
                        Map.entry("host", "stays: network host is this node's"),
                        Map.entry("once", "stays: --rm: it is left to its end, which removes it"),
                        Map.entry("first", "stays: network lan does not leave this node, and has others on it: second"),
                        Map.entry("second", "stays: network lan does not leave this node, and has others on it: first"),
                        Map.entry("patient", "stays: its stop may take for ever (--stop-timeout -1): stop it"),
                        Map.entry("slow", "stays: its stop may take 3600 s, longer than the drain has left: stop it"),
                        Map.entry(
                                "fixed",
                                "stays: no suitable node: availability drain: 1 of 2 (ship);"
                                        + " constraint node.hostname==ship: 1 of 2 (tug)"),
                        Map.entry(
                                "copied",
                                "stays: it may hold files (docker cp), which would be lost: --read-only, or label"
                                        + " io.longshore.placement.move=true, says that there is nothing to lose")));
        assertThat(count("move")).isZero();
        assertThat(tug.present()).isZero();
        assertThat(ship.present()).isEqualTo(13);
        // What kept it goes, and so does it.
        assertThat(world.post("/containers/slow/stop?t=0").status()).isEqualTo(204);
        assertThat(world.call("DELETE", "/containers/first?force=1", null).status())
                .isEqualTo(204);
        World.await("they have moved", () -> isOn(TUG, "slow", "second"));
        assertThat(runs("second")).isTrue();
        assertThat(runs("slow")).isFalse();
        assertThat(errors()).hasSize(10);
    }

    @Test
    void whereItsImageCannotFollowItStays() {
        run("one", ANEW, "");
        world.images().held(List.of(SHIP), false);
        drain();
        World.await("it says why", () -> errors().containsKey("one"));
        assertThat(errors())
                .isEqualTo(Map.of(
                        "one",
                        "stays: no suitable node: availability drain: 1 of 2 (ship); the image is not there, and no system"
                                + " registry has it: 1 of 2 (tug)"));
        assertThat(runs("one")).isTrue();
        world.images().held(List.of(SHIP), true);
        World.await("it has moved", () -> isOn(TUG, "one"));
        assertThat(world.images().placed()).containsExactly(TUG);
    }

    /** Nothing was to be lost when its move began. */
    @Test
    void whatGetsFilesWhileItsImageIsBroughtStays() {
        assertThat(create("started", "", "").status()).isEqualTo(201);
        assertThat(create("filled", "", "").status()).isEqualTo(201);
        ContainerId started = id("started");
        ContainerId filled = id("filled");
        world.images().meanwhile(brought -> {
            if (brought.equals(started)) {
                world.post("/containers/started/start");
            } else {
                ship.apply(
                        World.caller(), filled, new ApplyRequest(ship.highestEpoch(World.caller()), spec(filled), 0));
            }
        });
        drain();
        World.await("both say why", () -> errors().size() == 2);
        assertThat(errors().get("started")).startsWith("stays: what it has written would be lost");
        assertThat(errors().get("filled")).startsWith("stays: it may hold files (docker cp), which would be lost");
        assertThat(isOn(SHIP, "started", "filled")).isTrue();
        assertThat(ship.started(started)).isEqualTo(1);
        assertThat(runs("started")).isTrue();
        assertThat(tug.present()).isZero();
    }

    @Test
    void whatCannotBeClearedAwayKeepsItFromNothing() {
        ContainerId id = run("free", ANEW, "");
        ship.busy(true);
        drain();
        World.await("it runs there", () -> node("free").equals(TUG.value()) && runs("free"));
        world.images().away(true);
        ship.busy(false);
        World.await("it is removed", () -> ship.present() == 0);
        assertThat(count("move")).isEqualTo(1);
        world.images().away(false);
        World.await("all is cleared away", () -> isOn(TUG, "free"));
        assertThat(world.images().claims().owners()).containsExactly(new Owner(id, 2));
        assertThat(tug.started(id)).isEqualTo(1);
    }

    @Test
    void itsAddressesGoAlong() {
        run("far", ANEW, "\"NetworkMode\": \"span\"");
        run("alone", ANEW, "\"NetworkMode\": \"lan\"");
        var far = networks("far");
        var alone = networks("alone");
        drain();
        World.await("they have moved", () -> isOn(TUG, "far", "alone"));
        assertThat(networks("far").path("span").path("IPAddress"))
                .isEqualTo(far.path("span").path("IPAddress"));
        assertThat(networks("alone").path("lan").path("IPAddress"))
                .isEqualTo(alone.path("lan").path("IPAddress"));
        assertThat(alone.path("lan").path("IPAddress").asString()).startsWith("10.9.0.");
    }

    private static tools.jackson.databind.JsonNode networks(String name) {
        return world.get("/containers/" + name + "/json")
                .body()
                .path("NetworkSettings")
                .path("Networks");
    }

    @Test
    void whenTheNodeIsActiveAgainTheRestStays() {
        for (int n = 0; n < 8; n++) {
            stubborn("some" + n, 2);
        }
        drain();
        World.await("some are being stopped", () -> count("move where resume") > 0);
        world.fleet().want("ship", Availability.ACTIVE, Instant.now());
        World.await("those have moved", () -> count("move") == 0);
        assertThat(tug.present()).isBetween(1L, 4L);
        assertThat(ship.present()).isEqualTo(8 - tug.present());
        assertThat(world.get("/containers/json").body()).hasSize(8);
        World.await("no reasons", () -> errors().isEmpty());
    }

    @Test
    void afterTheDeadlineNothingMoves() {
        run("late", ANEW, "");
        world.fleet().want("tug", Availability.ACTIVE, Instant.now());
        world.fleet().want("ship", Availability.DRAIN, Instant.now().minus(Duration.ofMinutes(11)));
        World.await("it says why", () -> errors().containsKey("late"));
        assertThat(errors()).isEqualTo(Map.of("late", "stays: it was not moved in time: the drain's deadline is over"));
        assertThat(ship.started(ContainerId.parse(
                        world.get("/containers/late/json").body().path("Id").asString())))
                .isEqualTo(1);
        assertThat(count("move")).isZero();
        // Set to drain once more, it has time again.
        drain();
        World.await("it has moved", () -> isOn(TUG, "late"));
    }

    @Test
    void ofANodeThatIsDownNothingIsStartedElsewhere() {
        run("lost", ANEW, "");
        world.fleet().down("ship", true);
        drain();
        World.await("it says why", () -> errors().containsKey("lost"));
        assertThat(errors())
                .isEqualTo(Map.of(
                        "lost",
                        "stays: node ship is down: nobody can stop it there, and it may still run, so it is not started"
                                + " elsewhere"));
        assertThat(tug.present()).isZero();
        world.fleet().down("ship", false);
        World.await("it has moved", () -> isOn(TUG, "lost") && runs("lost"));
    }

    @Test
    void whatAUserStopsMeanwhileStaysStopped() {
        ContainerId id = stubborn("stopped", 3);
        drain();
        awaitStopping("stopped");
        assertThat(world.post("/containers/stopped/stop?t=0").status()).isEqualTo(204);
        World.await("it has moved", () -> isOn(TUG, "stopped"));
        assertThat(runs("stopped")).isFalse();
        assertThat(tug.started(id)).isZero();
        assertThat(world.post("/containers/stopped/start").status()).isEqualTo(204);
        assertThat(tug.started(id)).isEqualTo(1);
    }

    /** The drain comes to one whose grace runs already. */
    @Test
    void whatAUserIsStoppingStaysStopped() throws InterruptedException {
        ContainerId id = stubborn("ending", 30);
        Thread user = Thread.ofVirtual().start(() -> world.post("/containers/ending/stop?t=3"));
        assertThat(world.actions(id.value(), 3)).contains("kill");
        drain();
        awaitStopping("ending");
        user.join();
        World.await("it has moved", () -> isOn(TUG, "ending"));
        assertThat(runs("ending")).isFalse();
        assertThat(tug.started(id)).isZero();
    }

    @Test
    void whatAUserRemovesMeanwhileIsGoneEverywhere() {
        stubborn("removed", 3);
        drain();
        awaitStopping("removed");
        assertThat(world.call("DELETE", "/containers/removed?force=1", null).status())
                .isEqualTo(204);
        World.await("nothing is left of it", () -> count("move") + count("container") == 0);
        assertThat(ship.present() + tug.present()).isZero();
    }

    @Test
    void whatAUserChangesMeanwhileIsChanged() {
        ContainerId id = stubborn("before", 2);
        drain();
        awaitStopping("before");
        assertThat(world.post("/containers/before/rename?name=after").status()).isEqualTo(204);
        assertThat(world.call("POST", "/containers/after/update", "{\"CpuShares\": 77}")
                        .status())
                .isEqualTo(200);
        World.await("it has moved", () -> isOn(TUG, "after") && runs("after"));
        assertThat(tug.spec(id).resources().cpuShares()).isEqualTo(77);
    }

    @Test
    void aDrainedNodeTakesNoNewContainers() {
        world.fleet().want("ship", Availability.DRAIN, Instant.now());
        World.await(
                "nobody takes one",
                () -> create("", "", "")
                        .message()
                        .equals(
                                "no suitable node: availability pause: 1 of 2 (tug); availability drain: 1 of 2 (ship)"));
        world.fleet().want("tug", Availability.ACTIVE, Instant.now());
        World.await("tug does", () -> create("new", "", "").status() == 201);
        assertThat(node("new")).isEqualTo(TUG.value());
    }
}
