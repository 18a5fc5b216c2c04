package io.longshore.container.lifecycle;

import io.longshore.container.forward.Forwarding;
import io.longshore.container.kernel.Signals;
import io.longshore.container.overlay.PeerDistribution;
import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.LinkSpec;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** {@code POST /containers/{id}/start}: one idempotent apply on the node, then the commit, then the answer. */
@Component
public class Starting {
    private static final Logger LOG = LoggerFactory.getLogger(Starting.class);
    private static final Duration FOLLOW_UP = Duration.ofSeconds(30);
    private static final int MOST_ATTEMPTS = 3;
    /** Exit code of a container whose start failed before there was a process, as in Docker. */
    private static final int NOT_STARTED = 128;

    private final ContainerStore store;
    private final LockedRows rows;
    private final Commands commands;
    private final Recorder recorder;
    private final Removal removal;
    private final Addressing addressing;
    private final PeerDistribution overlays;
    private final Forwarding forwarding;

    Starting(
            ContainerStore store,
            LockedRows rows,
            Commands commands,
            Recorder recorder,
            Removal removal,
            Addressing addressing,
            Reach reach) {
        this.overlays = reach.overlays;
        this.forwarding = reach.forwarding;
        this.addressing = addressing;
        this.store = store;
        this.rows = rows;
        this.commands = commands;
        this.recorder = recorder;
        this.removal = removal;
    }

    /** Has others reach a container that starts, and it them. */
    @Component
    record Reach(PeerDistribution overlays, Forwarding forwarding) {}

    void start(Caller caller, String reference) {
        try (var locked = rows.find(caller, reference)) {
            start(caller, locked.row());
        }
    }

    /** With the container's lock held. */
    public void start(Caller caller, ContainerRow row) {
        if (row.state() == ContainerState.PAUSED) {
            throw new Failure.Conflict("cannot start a paused container, try unpause instead");
        }
        if (row.state().alive()) {
            throw new Failure.NotModified("container " + row.name() + " is already running");
        }
        if (!row.state().canStart()) {
            throw new Failure.Conflict("container is marked for removal and cannot be started: " + row.name());
        }
        ContainerRow current = connected(caller, row);
        for (int attempt = 1; ; attempt++) {
            long wanted = current.starts() + 1;
            ContainerRow now = start(caller, current, wanted);
            // Its restart policy may have started it since the row was written, and that start have ended: then this
            // one was not made.
            boolean made = now.starts() <= wanted || now.state().alive();
            if (made || attempt == MOST_ATTEMPTS) {
                return;
            }
            current = now;
        }
    }

    private ContainerRow start(Caller caller, ContainerRow row, long number) {
        Observed seen;
        overlays.prepare(row.node(), row.resolved());
        Forwarding.Taken ports = taken(caller, row, number);
        try {
            seen = commands.apply(caller, row, ports.spec(), number);
            settle(caller, row, ports, seen);
        } catch (Failure e) {
            forwarding.release(ports);
            failed(row, e);
            throw e;
        }
        ContainerRow now = recorder.record(row, seen);
        if (now == null || now.generation() != row.generation()) {
            // Removed, or moved to another node, by another replica meanwhile.
            undo(row);
            throw gone(row);
        }
        return now;
    }

    private Forwarding.Taken taken(Caller caller, ContainerRow row, long number) {
        try {
            return forwarding.take(caller, row, number);
        } catch (Failure e) {
            refused(row, e.text());
            throw e;
        }
    }

    /** What cannot be reached as it was asked for does not go on. */
    private void settle(Caller caller, ContainerRow row, Forwarding.Taken ports, Observed seen) {
        try {
            forwarding.settle(caller, ports, seen);
        } catch (Failure e) {
            try {
                commands.signal(Agents.own(row.project(), FOLLOW_UP), row, Signals.KILL, 0);
            } catch (Failure alive) {
                e.addSuppressed(alive);
            }
            throw e;
        }
    }

    private ContainerRow connected(Caller caller, ContainerRow row) {
        try {
            checkLinks(row);
            return addressing.addressed(caller, row);
        } catch (Failure e) {
            refused(row, e.text());
            throw e;
        }
    }

    /** Its node does not know those that never ran, and takes a link to one for a link to one that is gone. */
    private void checkLinks(ContainerRow row) {
        List<LinkSpec> links = row.resolved().network().links();
        Map<ContainerId, ContainerRow> linked =
                store.byIds(links.stream().map(link -> link.container().value()).toList()).stream()
                        .collect(Collectors.toMap(ContainerRow::id, Function.identity()));
        for (LinkSpec link : links) {
            ContainerRow other = linked.get(link.container());
            if (other != null && other.state() == ContainerState.CREATED) {
                throw new Failure.Conflict("Cannot link to a non running container: /" + other.name() + " AS /"
                        + row.name() + "/" + link.alias());
            }
        }
    }

    /** Its row says why it could not even be tried. */
    private void refused(ContainerRow row, String message) {
        Observed refused = new Observed(
                row.id(),
                row.generation(),
                0,
                Observed.Status.CREATED,
                row.starts(),
                0,
                0,
                null,
                null,
                NOT_STARTED,
                false,
                message,
                null);
        ContainerRow now = recorder.record(row, refused);
        if (now != null && now.autoRemove()) {
            removal.remove(Agents.own(now.project(), FOLLOW_UP), now, true);
        }
    }

    /** Has the agent make the container without starting it, so that somebody can attach to it before. */
    public void prepare(Caller caller, ContainerId id) {
        try (var locked = rows.find(caller, id.value())) {
            ContainerRow row = locked.row();
            if (row.state() == ContainerState.CREATED) {
                commands.apply(caller, row, row.starts());
                if (undoneIfGone(row)) {
                    throw gone(row);
                }
            }
        }
    }

    /** Keeps the exit code and the reason of a start that failed; a container that removes itself goes. */
    private void failed(ContainerRow row, Failure failure) {
        Caller own = Agents.own(row.project(), FOLLOW_UP);
        try {
            Observed seen = commands.observe(own, row);
            ContainerRow now = recorder.record(row, seen);
            if (undoneIfGone(row)) {
                return;
            }
            if (now != null && now.autoRemove() && !now.state().alive()) {
                removal.remove(own, now, true);
            }
        } catch (Failure e) {
            LOG.info("start of {} failed ({}) and its agent says no more: {}", row.id(), failure.text(), e.text());
        }
    }

    private boolean undoneIfGone(ContainerRow row) {
        boolean gone = store.byId(row.id()).isEmpty();
        if (gone) {
            undo(row);
        }
        return gone;
    }

    /** Another replica removed the row while the agent made the container: it goes too. */
    private void undo(ContainerRow row) {
        commands.remove(Agents.own(row.project(), FOLLOW_UP), row, true);
    }

    private static Failure.NotFound gone(ContainerRow row) {
        return new Failure.NotFound("No such container: " + row.id());
    }
}
