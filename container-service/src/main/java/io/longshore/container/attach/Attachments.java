package io.longshore.container.attach;

import io.longshore.container.lifecycle.Starting;
import io.longshore.container.placement.Agents;
import io.longshore.container.state.ChangeSignal;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.EventDraft;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.stream.StreamRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Opens attach streams on containers' nodes and passes bytes both ways. */
@Component
class Attachments {
    /** How long the end of a stream waits for the commit of the container's end, which usually is there already. */
    private static final Duration HOLD = Duration.ofSeconds(5);

    /** Output ends a moment before the agent learns of the process's end; a process that runs on after that has closed its output. */
    private static final Duration GRACE = Duration.ofMillis(250);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    private final ContainerStore store;
    private final ChangeSignal signal;
    private final Agents agents;
    private final Starting starting;

    Attachments(ContainerStore store, ChangeSignal signal, Agents agents, Starting starting) {
        this.store = store;
        this.signal = signal;
        this.agents = agents;
        this.starting = starting;
    }

    /** An open attach stream to the container's node. */
    record Opened(ContainerRow row, Duplex agent, boolean raw) {}

    Opened open(Caller caller, String reference, Map<String, Object> query) {
        ContainerRow row = store.find(caller.project(), reference);
        switch (row.state()) {
            case REMOVING -> throw new Failure.Conflict("container " + row.id() + " is being removed");
            case PAUSED ->
                throw new Failure.Conflict("container " + row.id() + " is paused, unpause the container before attach");
            case RESTARTING ->
                throw new Failure.Conflict(
                        "container " + row.id() + " is restarting, wait until the container is running");
            default -> {}
        }
        StreamRequest request = StreamRequest.post(AgentPaths.attach(row.id())).query(query);
        if (row.state() == ContainerState.CREATED) {
            // The agent hears of a container when it is first needed there.
            starting.prepare(caller, row.id());
        }
        Duplex agent = agents.streams(row.node()).duplex(caller, request);
        try {
            store.tell(row, EventDraft.of(row, "attach"));
        } catch (RuntimeException e) {
            agent.reset();
            throw e;
        }
        return new Opened(row, agent, row.resolved().process().tty());
    }

    void resize(Caller caller, String reference, int rows, int columns) {
        ContainerRow row = store.find(caller.project(), reference);
        if (!row.state().hasProcess()) {
            throw new Failure.Conflict("Container " + row.id() + " is not running");
        }
        agents.api(row.node()).resize(caller, row.id(), rows, columns);
        store.tell(
                row,
                EventDraft.of(row, "resize", Map.of("height", String.valueOf(rows), "width", String.valueOf(columns))));
    }

    /** Passes bytes until the container's output ends, the client leaves by its keys, or either side goes. */
    void relay(Opened opened, Duplex client, DetachKeys keys) throws IOException, InterruptedException {
        try (Duplex agent = opened.agent()) {
            if (new Passage(client, agent, opened.raw() ? keys : null).run() == Passage.End.DETACHED) {
                store.tell(opened.row(), EventDraft.of(opened.row(), "detach"));
            } else {
                holdUntilEnded(opened.row());
            }
        }
    }

    /**
     * The stream's end tells the client that the container has ended: so it waits for the commit of that end, which may even be behind the
     * commit of the start. A container that has closed its output and runs on, or was never started, is not waited for.
     */
    private void holdUntilEnded(ContainerRow attached) throws InterruptedException {
        long begun = System.nanoTime();
        try (ChangeSignal.Watch watch = signal.watch(attached.id())) {
            while (true) {
                ContainerRow row = store.byId(attached.id()).orElse(null);
                if (row == null || row.exits() > attached.exits()) {
                    return;
                }
                Duration patience = switch (end(row)) {
                    case DUE -> HOLD;
                    case MAY_COME -> GRACE;
                    case NONE -> Duration.ZERO;
                };
                if (System.nanoTime() - begun >= patience.toNanos()) {
                    return;
                }
                watch.await(LOOK_AGAIN);
            }
        }
    }

    /** What the agent knows of an end that the row does not. */
    private enum End {
        DUE,
        MAY_COME,
        NONE
    }

    private End end(ContainerRow row) {
        try {
            Observed seen = agents.api(row.node()).observe(Agents.own(row.project(), HOLD), row.id());
            boolean news = seen.starts() > row.starts() || row.state().hasProcess();
            return switch (seen.status()) {
                case RUNNING, PAUSED -> End.MAY_COME;
                case EXITED, RESTARTING, REMOVED -> news ? End.DUE : End.NONE;
                case CREATED -> End.NONE;
            };
        } catch (Failure.NotFound e) {
            // Removed already: the end, and then the row's own, are being committed.
            return row.state().hasProcess() ? End.DUE : End.NONE;
        } catch (Failure e) {
            return End.DUE;
        }
    }
}
