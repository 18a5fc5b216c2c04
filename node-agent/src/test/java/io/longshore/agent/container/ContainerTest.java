package io.longshore.agent.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.Specs;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.feed.ChangesFeed;
import io.longshore.agent.state.Outcome;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.Observed.Status;
import io.longshore.contracts.id.ContainerId;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContainerTest {
    private final ContainerSpec spec = Specs.of(List.of(), "true").spec(ContainerId.random());
    private final Container container = new Container(spec.id(), new ChangesFeed(Clock.systemUTC()));

    private void runs() {
        container.created(spec, 0, null);
        container.starting(1, null);
        container.runs(new Running(7, Instant.now()), List.of());
    }

    /** The end comes when it comes, also while the freezer is at work. */
    @Test
    void whatHasEndedIsNotPaused() {
        runs();
        container.ended(new Outcome(1, true, 3, false, Instant.now(), Instant.now(), ""));
        assertThat(container.paused(true)).isFalse();
        assertThat(container.phase()).isEqualTo(Phase.EXITED);
        assertThat(container.paused(false)).isFalse();
        assertThat(container.phase()).isEqualTo(Phase.EXITED);
    }

    @Test
    void whatIsPausedMayEnd() {
        runs();
        assertThat(container.paused(true)).isTrue();
        assertThat(container.observed()).isNotNull();
        assertThat(container.observed().status()).isEqualTo(Status.PAUSED);
        container.ended(new Outcome(1, true, 137, false, Instant.now(), Instant.now(), ""));
        assertThat(container.phase()).isEqualTo(Phase.EXITED);
    }
}
