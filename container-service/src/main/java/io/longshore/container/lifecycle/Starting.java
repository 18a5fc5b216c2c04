package io.longshore.container.lifecycle;

import io.longshore.container.lease.ShardLeases;
import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentApi;
import io.longshore.contracts.agent.ApplyRequest;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.RemoveRequest;
import io.longshore.contracts.error.Failure;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** {@code POST /containers/{id}/start}: one idempotent apply on the node, then the commit, then the answer. */
@Component
public class Starting {
    private static final Logger LOG = LoggerFactory.getLogger(Starting.class);
    private static final Duration FOLLOW_UP = Duration.ofSeconds(30);
    /** Exit code of a container whose start failed before there was a process, as in Docker. */
    private static final int NOT_STARTED = 128;

    private final ContainerStore store;
    private final ContainerLocks locks;
    private final Agents agents;
    private final ShardLeases leases;
    private final Recorder recorder;
    private final Removal removal;

    Starting(
            ContainerStore store,
            ContainerLocks locks,
            Agents agents,
            ShardLeases leases,
            Recorder recorder,
            Removal removal) {
        this.store = store;
        this.locks = locks;
        this.agents = agents;
        this.leases = leases;
        this.recorder = recorder;
        this.removal = removal;
    }

    void start(Caller caller, String reference) {
        ContainerRow row = recorder.justCreated(caller.project(), reference)
                .orElseGet(() -> store.find(caller.project(), reference));
        try (var lock = locks.lock(row.id())) {
            start(caller, lock.waited() ? store.find(caller.project(), row.id().value()) : row);
        }
    }

    /** With the container's lock held. */
    void start(Caller caller, ContainerRow row) {
        if (row.state() == ContainerState.RUNNING) {
            throw new Failure.NotModified("container " + row.name() + " is already running");
        }
        if (!row.state().canStart()) {
            throw new Failure.Conflict("container is marked for removal and cannot be started: " + row.name());
        }
        if (row.resolved().network().networkId().isEmpty()) {
            throw noNetwork(row);
        }
        Observed seen;
        try {
            seen = apply(caller, row, row.starts() + 1);
        } catch (Failure e) {
            failed(row, e);
            throw e;
        }
        if (recorder.record(row, seen) == null) {
            undo(row);
            throw new Failure.NotFound("No such container: " + row.id());
        }
    }

    /** No network can be made yet, so the one that was not there at create is not there now. */
    private Failure noNetwork(ContainerRow row) {
        String message = "network " + row.resolved().network().networkName() + " not found";
        Observed refused = new Observed(
                row.id(),
                row.generation(),
                0,
                Observed.Status.CREATED,
                row.starts(),
                0,
                null,
                null,
                NOT_STARTED,
                false,
                message);
        ContainerRow now = recorder.record(row, refused);
        if (now != null && now.autoRemove()) {
            removal.remove(Agents.own(FOLLOW_UP), now, true);
        }
        return new Failure.NotFound(message);
    }

    /** Has the agent make the container without starting it, so that somebody can attach to it before. */
    public void prepare(Caller caller, ContainerRow row) {
        try (var _ = locks.lock(row.id())) {
            apply(caller, row, row.starts());
        }
    }

    private Observed apply(Caller caller, ContainerRow row, long starts) {
        return agents.api(row.node())
                .apply(caller, row.id(), new ApplyRequest(leases.epoch(row.node()), row.resolved(), starts));
    }

    /** Keeps the exit code and the reason of a start that failed; a container that removes itself goes. */
    private void failed(ContainerRow row, Failure failure) {
        Caller own = Agents.own(FOLLOW_UP);
        try {
            Observed seen = agents.api(row.node()).observe(own, row.id());
            ContainerRow now = recorder.record(row, seen);
            if (now != null && now.autoRemove() && now.state() != ContainerState.RUNNING) {
                removal.remove(own, now, true);
            }
        } catch (Failure e) {
            LOG.info("start of {} failed ({}) and its agent says no more: {}", row.id(), failure.text(), e.text());
        }
    }

    /** Somebody removed the row while the agent made the container: it goes too. */
    private void undo(ContainerRow row) {
        AgentApi agent = agents.api(row.node());
        agent.remove(Agents.own(FOLLOW_UP), row.id(), new RemoveRequest(leases.epoch(row.node()), true));
    }
}
