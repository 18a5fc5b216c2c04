package io.longshore.agent.feed;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.agent.Changes;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.ObservedSession;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.ExecId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ChangesFeedTest {
    private static final ContainerId ONE = ContainerId.random();
    private static final ContainerId TWO = ContainerId.random();

    private Instant now = Instant.parse("2030-01-01T00:00:00Z");
    private final ChangesFeed feed =
            new ChangesFeed(((InstantSource) () -> requireNonNull(now)).withZone(ZoneOffset.UTC));

    @Test
    void firstAskIsTheWholeList() throws Exception {
        feed.publish(state(ONE, Observed.Status.CREATED));
        Changes all = feed.since(null, null, Duration.ofSeconds(30));
        assertThat(all.complete()).isTrue();
        assertThat(all.revision()).isEqualTo(1);
        assertThat(all.containers()).extracting(Observed::id).containsExactly(ONE);
    }

    @Test
    void anotherInstanceOrAFutureRevisionIsTheWholeList() throws Exception {
        feed.publish(state(ONE, Observed.Status.CREATED));
        assertThat(feed.since("another", 1L, Duration.ofSeconds(30)).complete()).isTrue();
        assertThat(feed.since(instance(), 2L, Duration.ofSeconds(30)).complete())
                .isTrue();
    }

    @Test
    void onlyTheLatestStateOfEachOldestChangeFirst() throws Exception {
        feed.publish(state(ONE, Observed.Status.CREATED));
        feed.publish(state(TWO, Observed.Status.CREATED));
        feed.publish(state(ONE, Observed.Status.RUNNING));
        feed.publish(state(ONE, Observed.Status.EXITED));
        Changes changes = feed.since(instance(), 1L, Duration.ZERO);
        assertThat(changes.complete()).isFalse();
        assertThat(changes.revision()).isEqualTo(4);
        assertThat(changes.containers()).extracting(Observed::id).containsExactly(TWO, ONE);
        assertThat(changes.containers()).extracting(Observed::revision).containsExactly(2L, 4L);
        assertThat(feed.since(instance(), 4L, Duration.ZERO).containers()).isEmpty();
    }

    @Test
    void aWaitingReaderIsWokenByTheChange() throws Exception {
        String instance = instance();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<Changes> answer = new CompletableFuture<>();
            threads.execute(() -> {
                try {
                    answer.complete(feed.since(instance, 0L, Duration.ofSeconds(30)));
                } catch (InterruptedException e) {
                    answer.completeExceptionally(e);
                }
            });
            feed.publish(state(ONE, Observed.Status.RUNNING));
            assertThat(answer.get(5, TimeUnit.SECONDS).containers())
                    .extracting(Observed::id)
                    .containsExactly(ONE);
        }
    }

    @Test
    void aRemovedContainerIsRememberedUntilItIsConfirmed() throws Exception {
        feed.publish(state(ONE, Observed.Status.EXITED));
        feed.publish(state(ONE, Observed.Status.REMOVED));
        assertThat(feed.since(instance(), 1L, Duration.ZERO).containers())
                .extracting(Observed::status)
                .containsExactly(Observed.Status.REMOVED);
        assertThat(feed.tombstone(ONE)).isNotNull();
        assertThat(feed.since(instance(), 2L, Duration.ZERO).containers()).isEmpty();
        assertThat(feed.tombstone(ONE)).isNull();
        assertThat(feed.since(null, null, Duration.ZERO).containers()).isEmpty();
    }

    @Test
    void whoMissedAForgottenRemovalGetsTheWholeList() throws Exception {
        feed.publish(state(ONE, Observed.Status.REMOVED));
        feed.publish(state(TWO, Observed.Status.CREATED));
        feed.since(instance(), 2L, Duration.ZERO);
        Changes late = feed.since(instance(), 0L, Duration.ZERO);
        assertThat(late.complete()).isTrue();
        assertThat(late.containers()).extracting(Observed::id).containsExactly(TWO);
    }

    @Test
    void removalsThatNobodyConfirmsAreForgottenAfterADay() {
        feed.publish(state(ONE, Observed.Status.REMOVED));
        now = now.plus(ChangesFeed.MEMORY).plusSeconds(1);
        feed.publish(state(TWO, Observed.Status.REMOVED));
        assertThat(feed.tombstone(ONE)).isNull();
        assertThat(feed.tombstone(TWO)).isNotNull();
    }

    @Test
    void whoKeepsEndedSessionsIsToldOfThoseThatNobodyConfirmed() throws Exception {
        List<ExecId> told = new ArrayList<>();
        feed.onConfirmedSession(told::add);
        ExecId first = ExecId.random();
        ExecId second = ExecId.random();
        feed.publish(ended(first));
        now = now.plus(ChangesFeed.MEMORY).plusSeconds(1);
        feed.publish(ended(second));
        assertThat(feed.since(null, null, Duration.ZERO).sessions())
                .extracting(ObservedSession::id)
                .containsExactly(second);
        assertThat(told).containsExactly(first);
        feed.since(instance(), 2L, Duration.ZERO);
        assertThat(told).containsExactly(first, second);
    }

    @Test
    void aLaterLifeHasHigherRevisions() {
        var first = new ChangesFeed(Clock.systemUTC(), 1);
        var second = new ChangesFeed(Clock.systemUTC(), 2);
        for (int i = 0; i < 1000; i++) {
            first.publish(state(ONE, Observed.Status.RUNNING));
        }
        assertThat(second.publish(state(ONE, Observed.Status.RUNNING)).revision())
                .isGreaterThan(
                        first.publish(state(ONE, Observed.Status.RUNNING)).revision());
    }

    @Test
    void publishingIsQuick() {
        for (int i = 0; i < 30_000; i++) {
            feed.publish(state(ContainerId.random(), Observed.Status.RUNNING));
        }
        Instant before = Clock.systemUTC().instant();
        for (int i = 0; i < 10_000; i++) {
            feed.publish(state(ONE, i % 2 == 0 ? Observed.Status.RUNNING : Observed.Status.EXITED));
        }
        // Some microseconds each; the bound is only there to catch a walk over all containers.
        assertThat(Duration.between(before, Clock.systemUTC().instant())).isLessThan(Duration.ofSeconds(2));
    }

    private String instance() throws InterruptedException {
        return feed.since(null, null, Duration.ZERO).instance();
    }

    private static ObservedSession ended(ExecId id) {
        return new ObservedSession(id, ONE, 0, ObservedSession.Status.EXITED, 0, null, null, 0, "");
    }

    private static Observed state(ContainerId id, Observed.Status status) {
        return new Observed(id, 1, 0, status, 1, 0, 0, null, null, 0, false, "", null);
    }
}
