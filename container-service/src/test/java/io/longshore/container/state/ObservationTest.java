package io.longshore.container.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.container.request.Samples;
import io.longshore.contracts.agent.Health;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.Observed.Status;
import io.longshore.contracts.container.CreateRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ObservationTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    static ContainerRow row() {
        CreateRequest complete = Samples.complete(Samples.request("\"Labels\": {\"l\": \"v\"}", ""), Samples.image());
        return Samples.row(Samples.ID, T0, complete);
    }

    static Observed seen(long revision, Status status, long starts, @Nullable Integer exit) {
        Instant started = starts == 0 ? null : T0.plusSeconds(10 * starts);
        Instant finished = exit == null ? null : T0.plusSeconds(10 * starts + 3);
        return new Observed(
                Samples.ID,
                1,
                revision,
                status,
                starts,
                0,
                status == Status.RUNNING ? 77 : 0,
                started,
                finished,
                exit == null ? 0 : exit,
                false,
                "",
                null);
    }

    /** Its client has been told that it is paused, and may let it go on. */
    @Test
    void whatTheFeedTellsLateDoesNotUnpause() {
        Step started = Observation.apply(row(), seen(2, Status.RUNNING, 1, null));
        assertThat(started).isNotNull();
        Step paused = Observation.apply(started.row(), seen(3, Status.PAUSED, 1, null));
        assertThat(paused).isNotNull();
        assertThat(paused.row().state()).isEqualTo(ContainerState.PAUSED);
        assertThat(Observation.apply(paused.row(), seen(2, Status.RUNNING, 1, null)))
                .isNull();
        Step goesOn = Observation.apply(paused.row(), seen(4, Status.RUNNING, 1, null));
        assertThat(goesOn).isNotNull();
        assertThat(goesOn.row().state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void aRunIsToldOnceHoweverTheAnswerAndTheFeedRace() {
        // What an agent can report of two starts, in its own order; the answer of apply is any of those of a start.
        List<Observed> reported = List.of(
                seen(1, Status.CREATED, 0, null),
                seen(2, Status.RUNNING, 1, null),
                seen(3, Status.EXITED, 1, 4),
                seen(4, Status.RUNNING, 2, 4),
                seen(5, Status.EXITED, 2, 5),
                seen(6, Status.REMOVED, 2, 5));
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            ContainerRow row = row();
            List<String> told = new ArrayList<>();
            int fed = 0;
            // The feed goes forward and may skip states; answers are late and repeated copies of anything already
            // reported.
            while (fed < reported.size()) {
                boolean late = random.nextBoolean();
                int at = late ? random.nextInt(fed + 1) : Math.min(fed + random.nextInt(3), reported.size() - 1);
                fed = late ? fed : at + 1;
                Step step = Observation.apply(row, reported.get(at));
                if (step != null) {
                    step.events().forEach(event -> told.add(event.action()));
                    assertThat(step.row().exits() - row.exits())
                            .isEqualTo(step.events().stream()
                                    .filter(e -> e.action().equals("die"))
                                    .count());
                    row = step.row();
                }
            }
            assertThat(row.state()).isEqualTo(ContainerState.EXITED);
            assertThat(row.exitCode()).isEqualTo(5);
            assertThat(told)
                    .as("round %s", round)
                    .isIn(List.of("start", "die", "start", "die"), List.of("start", "die"));
        }
    }

    @Test
    void everyStateSeenInOrderTellsEverything() {
        ContainerRow row = row();
        List<EventDraft> told = new ArrayList<>();
        for (Observed observed : List.of(
                seen(2, Status.RUNNING, 1, null), seen(3, Status.EXITED, 1, 4), seen(4, Status.RUNNING, 2, 4))) {
            Step step = Observation.apply(row, observed);
            assertThat(step).isNotNull();
            told.addAll(step.events());
            row = step.row();
        }
        assertThat(told).extracting(EventDraft::action).containsExactly("start", "die", "start");
        assertThat(told.get(1).attributes())
                .isEqualTo(Map.of(
                        "l", "v", "image", "busybox", "name", "misty_capstan", "exitCode", "4", "execDuration", "3"));
        assertThat(row.exits()).isEqualTo(1);
    }

    @Test
    void aMissedStartAndEndAreBothTold() {
        Step step = Observation.apply(row(), seen(9, Status.EXITED, 1, 137));
        assertThat(step).isNotNull();
        assertThat(step.events()).extracting(EventDraft::action).containsExactly("start", "die");
        assertThat(step.row().state()).isEqualTo(ContainerState.EXITED);
        assertThat(step.row().exits()).isEqualTo(1);
    }

    @Test
    void aFailedStartLeavesItCreatedAndTellsNobody() {
        Observed failed = new Observed(
                Samples.ID,
                1,
                3,
                Status.CREATED,
                0,
                0,
                0,
                null,
                null,
                127,
                false,
                "exec: \"nope\": not found in $PATH",
                null);
        Step step = Observation.apply(row(), failed);
        assertThat(step).isNotNull();
        assertThat(step.events()).isEmpty();
        assertThat(step.row().state()).isEqualTo(ContainerState.CREATED);
        assertThat(step.row().exitCode()).isEqualTo(127);
        assertThat(Observation.apply(step.row(), failed)).isNull();
        Step later = Observation.apply(step.row(), seen(5, Status.RUNNING, 1, null));
        assertThat(later).isNotNull();
        assertThat(later.row().exitCode()).isZero();
    }

    @Test
    void anEndForWantOfMemoryIsToldBeforeTheEnd() {
        Step started = Observation.apply(row(), seen(2, Status.RUNNING, 1, null));
        assertThat(started).isNotNull();
        Observed end = new Observed(
                Samples.ID, 1, 3, Status.EXITED, 1, 0, 0, T0.plusSeconds(10), T0.plusSeconds(11), 137, true, "", null);
        Step ended = Observation.apply(started.row(), end);
        assertThat(ended).isNotNull();
        assertThat(ended.events()).extracting(EventDraft::action).containsExactly("oom", "die");
    }

    @Test
    void anotherGenerationIsNotThisContainer() {
        Observed other = new Observed(Samples.ID, 2, 3, Status.RUNNING, 1, 0, 9, T0, null, 0, false, "", null);
        assertThat(Observation.apply(row(), other)).isNull();
    }

    @Test
    void anAgentThatLostTheTimeOfTheStartDoesNotTakeItAway() {
        ContainerRow running = step(row(), seen(1, Status.RUNNING, 1, null)).row();
        Observed rebooted = new Observed(
                Samples.ID,
                1,
                2,
                Status.EXITED,
                1,
                0,
                0,
                null,
                T0.plusSeconds(60),
                255,
                false,
                "the node was restarted",
                null);
        Step step = step(running, rebooted);
        assertThat(step.row().startedAt()).isEqualTo(running.startedAt());
        assertThat(step.events().getLast().attributes()).containsEntry("execDuration", "50");
    }

    @Test
    void theExitCodeOfTheLatestEndOutlivesTheNextStart() {
        ContainerRow ended = step(row(), seen(1, Status.EXITED, 1, 7)).row();
        Observed again = seen(2, Status.RUNNING, 2, null);
        assertThat(step(ended, again).row().exitCode()).isEqualTo(7);
    }

    private static Observed with(Observed seen, Status status, Health.@Nullable Status health) {
        return new Observed(
                seen.id(),
                1,
                seen.revision() + 1,
                status,
                seen.starts(),
                0,
                77,
                seen.startedAt(),
                seen.finishedAt(),
                seen.exitCode(),
                false,
                "",
                health == null ? null : new Health(health, 0, List.of()));
    }

    private static List<String> actions(Step step) {
        return step.events().stream().map(EventDraft::action).toList();
    }

    @Test
    void pausedAndResumed() {
        Observed runs = seen(1, Status.RUNNING, 1, null);
        ContainerRow running = step(row(), runs).row();
        Step paused = step(running, with(runs, Status.PAUSED, null));
        assertThat(paused.row().state()).isEqualTo(ContainerState.PAUSED);
        assertThat(actions(paused)).containsExactly("pause");
        assertThat(Observation.apply(paused.row(), with(runs, Status.PAUSED, null)))
                .isNull();
        Step resumed = step(paused.row(), with(runs, Status.RUNNING, null));
        assertThat(resumed.row().state()).isEqualTo(ContainerState.RUNNING);
        assertThat(actions(resumed)).containsExactly("unpause");
        Step died = step(paused.row(), seen(3, Status.EXITED, 1, 137));
        assertThat(died.row().state()).isEqualTo(ContainerState.EXITED);
        assertThat(actions(died)).containsExactly("die");
    }

    @Test
    void anEndBeforeARestartIsToldAndTheNextStartToo() {
        ContainerRow running = step(row(), seen(1, Status.RUNNING, 1, null)).row();
        Step between = step(running, seen(2, Status.RESTARTING, 1, 3));
        assertThat(between.row().state()).isEqualTo(ContainerState.RESTARTING);
        assertThat(between.row().exits()).isEqualTo(1);
        assertThat(actions(between)).containsExactly("die");
        Step again = step(between.row(), seen(3, Status.RUNNING, 2, null));
        assertThat(again.row().state()).isEqualTo(ContainerState.RUNNING);
        assertThat(actions(again)).containsExactly("start");
        Step stopped = step(between.row(), seen(3, Status.EXITED, 1, 3));
        assertThat(stopped.row().state()).isEqualTo(ContainerState.EXITED);
        assertThat(stopped.row().exits()).isEqualTo(1);
        assertThat(stopped.events()).isEmpty();
    }

    @Test
    void healthIsToldWhenItChanges() {
        Observed runs = seen(1, Status.RUNNING, 1, null);
        ContainerRow starting =
                step(row(), with(runs, Status.RUNNING, Health.Status.STARTING)).row();
        Step healthy = step(starting, with(runs, Status.RUNNING, Health.Status.HEALTHY));
        assertThat(actions(healthy)).containsExactly("health_status: healthy");
        assertThat(Observation.apply(healthy.row(), with(runs, Status.RUNNING, Health.Status.HEALTHY)))
                .isNull();
        assertThat(actions(step(healthy.row(), with(runs, Status.RUNNING, Health.Status.UNHEALTHY))))
                .containsExactly("health_status: unhealthy");
    }

    private static Step step(ContainerRow row, Observed seen) {
        return Objects.requireNonNull(Observation.apply(row, seen), "a step");
    }
}
