package io.longshore.agent.execdriver;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.id.ContainerId;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Collects ends, and waits for one. */
public final class Exits implements ExitListener<ContainerId> {
    private record End(ContainerId id, Exit exit) {}

    private final BlockingQueue<End> ends = new LinkedBlockingQueue<>();

    @Override
    public void exited(ContainerId id, Exit exit) {
        ends.add(new End(id, exit));
    }

    /** The next end, which must be that container's, within 20 s. */
    public Exit next(ContainerId id) {
        try {
            End end = ends.poll(20, TimeUnit.SECONDS);
            assertThat(end).as("the end of container " + id.shortForm()).isNotNull();
            assertThat(end.id()).isEqualTo(id);
            return end.exit();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public void hasNone() {
        assertThat(ends).isEmpty();
    }
}
