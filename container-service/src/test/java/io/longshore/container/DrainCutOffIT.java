package io.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.agent.ApplyRequest;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.run.RunningService;
import io.longshore.testworld.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Moves that are cut off, that two replicas work at, and that are overtaken by what becomes of a node. */
class DrainCutOffIT extends DrainCases {
    @Test
    void manyMoveOnceEachThoughTwoReplicasAreThere() {
        List<ContainerId> all = new ArrayList<>();
        for (int n = 0; n < 20; n++) {
            all.add(run("many" + n, ANEW, ""));
        }
        try (RunningService other = world.replica("container-2")) {
            assertThat(other.socket()).exists();
            drain();
            World.await("they have moved", () -> tug.present() == 20 && ship.present() == 0 && count("move") == 0);
            for (ContainerId id : all) {
                assertThat(tug.started(id)).isEqualTo(1);
                assertThat(world.actions(id.value(), 7)).hasSize(7);
            }
        }
        assertThat(world.get("/containers/json").body()).hasSize(20);
    }

    /** The service is closed while the stop that it has asked for goes on, and everything else of it with it. */
    @Test
    void whatIsCutOffGoesOn() {
        ContainerId id = stubborn("cut", 2);
        drain();
        awaitStopping("cut");
        world.restart(() -> {});
        World.await("it has moved", () -> isOn(TUG, "cut") && runs("cut"));
        assertThat(tug.started(id)).isEqualTo(1);
        assertThat(ship.present()).isZero();
    }

    /** As it is left when the service is killed right after the row, and as it is left before anything is stopped. */
    @Test
    void whereverItWasCutOff() {
        ContainerId arrived = run("arrived", ANEW, "");
        ContainerId begun = run("begun", ANEW, "");
        world.restart(() -> {
            ship.crash(arrived, 0);
            world.images().claims().take(new Owner(arrived, 2));
            world.database()
                    .jdbc()
                    .sql("insert into move (container, project, generation, source, target, resume, arrived, cpu_nanos,"
                            + " memory_bytes, host_ports) select id, project, 2, 'node-1', 'id-of-tug',"
                            + " name = 'arrived', name = 'arrived', 0, 0, '{}' from container")
                    .update();
            world.database()
                    .jdbc()
                    .sql(
                            "update container set generation = 2, node = 'id-of-tug', state = 'EXITED', exits = 1, starts = 0,"
                                    + " spec = jsonb_set(spec, '{generation}', '2'), version = version + 1,"
                                    + " observed = jsonb_set(observed, '{revision}', '0') where name = 'arrived'")
                    .update();
        });
        // The one that has left arrives; the other one may not leave any more, and stays.
        World.await("both are somewhere", () -> count("move") == 0 && isOn(TUG, "arrived") && isOn(SHIP, "begun"));
        assertThat(List.of(runs("arrived"), runs("begun"))).containsExactly(true, true);
        assertThat(tug.started(arrived)).isEqualTo(1);
        assertThat(ship.started(begun)).isEqualTo(1);
        assertThat(ship.present()).isEqualTo(1);
        assertThat(world.images().claims().owners())
                .hasSize(2)
                .allMatch(owner -> owner.generation() == (owner.container().equals(arrived) ? 2 : 1));
    }

    /** What was on its way from it is where its row has it: on a node that is no more. What has arrived is not touched by that. */
    @Test
    void theNodeIsRemovedMeanwhile() {
        world.join("raft", Map.of());
        World.await(
                "raft takes some",
                () -> create("there", "\"io.longshore.placement.constraint\": \"node.hostname==raft\"", "")
                                .status()
                        == 201);
        world.images().claims().take(new Owner(id("there"), 2));
        world.fleet().leave("raft");
        world.database()
                .jdbc()
                .sql("insert into move (container, project, generation, source, target, resume, arrived, cpu_nanos,"
                        + " memory_bytes, host_ports) select id, project, 2, node, 'id-of-tug', false, false, 0, 0, '{}'"
                        + " from container")
                .update();
        World.await("it is not on its way any more", () -> count("move") == 0);
        assertThat(node("there")).isEqualTo("id-of-raft");
        World.await("one claim", () -> world.images().claims().size() == 1);
        world.database()
                .jdbc()
                .sql("update container set node = 'id-of-tug', version = version + 1")
                .update();
    }

    /** As when a replica has started it on the node that it has left meanwhile. */
    @Test
    void whatANodeHasOfAnotherGeneration() {
        ContainerId id = run("moved", ANEW, "");
        ContainerSpec spec = spec(id);
        drain();
        World.await("it has moved", () -> isOn(TUG, "moved") && ship.present() == 0);
        ship.apply(World.caller(), id, new ApplyRequest(ship.highestEpoch(World.caller()), spec, 1));
        World.await("one is too many", () -> ship.present() == 0);
        assertThat(runs("moved")).isTrue();
    }
}
