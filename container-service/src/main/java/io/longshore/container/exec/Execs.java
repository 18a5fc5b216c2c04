package io.longshore.container.exec;

import io.longshore.container.attach.DetachKeys;
import io.longshore.container.lifecycle.Commands;
import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.ObservedSession;
import io.longshore.contracts.agent.ObservedSession.Status;
import io.longshore.contracts.agent.SessionSpec;
import io.longshore.contracts.container.ExecConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ExecId;
import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.stream.StreamRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The verbs of exec sessions. A session's row tells what became of it, and is committed before anybody hears of it. */
@Component
class Execs {
    private static final Logger LOG = LoggerFactory.getLogger(Execs.class);
    /** What Docker shows for a session that could not be prepared. */
    private static final int NOT_STARTED = 126;
    /** For the end of a process whose output has ended; one that has closed its output and runs on is not waited for longer. */
    private static final int END_MILLIS = 2000;

    private static final Duration FOLLOW_UP = Duration.ofSeconds(30);
    /** How long a resize waits for its session to be started, as in Docker: the client asks for both at once. */
    private static final Duration START_PATIENCE = Duration.ofSeconds(10);

    /** A start takes some milliseconds, and only when it has answered the client follows its terminal's size. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(5);

    private static final Duration LAST_PAUSE = Duration.ofMillis(200);

    private final ContainerStore containers;
    private final ExecStore store;
    private final Commands commands;
    private final Agents agents;

    Execs(ContainerStore containers, ExecStore store, Commands commands, Agents agents) {
        this.containers = containers;
        this.store = store;
        this.commands = commands;
        this.agents = agents;
    }

    ExecId create(Caller caller, String reference, ExecConfig config) {
        DetachKeys.parse(config.detachKeys());
        ContainerRow container = containers.find(caller.project(), reference);
        requireRunning(container);
        ExecId id = ExecId.random();
        store.create(id, container, config, commandLine(config));
        return id;
    }

    /** As events have it: the program, a space, and its arguments. */
    static String commandLine(ExecConfig config) {
        List<String> command = config.command();
        return command == null || command.isEmpty()
                ? ""
                : command.getFirst() + " " + String.join(" ", command.subList(1, command.size()));
    }

    private static void requireRunning(ContainerRow container) {
        switch (container.state()) {
            case RUNNING -> {}
            case PAUSED ->
                throw new Failure.Conflict(
                        "container " + container.id() + " is paused, unpause the container before exec");
            case RESTARTING ->
                throw new Failure.Conflict(
                        "container " + container.id() + " is restarting, wait until the container is running");
            default -> throw new Failure.Conflict("container " + container.id() + " is not running");
        }
    }

    ExecRow find(Caller caller, String id) {
        return store.find(caller.project(), ExecId.parse(id));
    }

    /**
     * The session that is to be started, for this caller alone; refused when it was before, when somebody is about it, or when its container
     * does not run.
     */
    ExecRow claim(Caller caller, String id) {
        ExecRow row = store.claim(caller.project(), ExecId.parse(id)).orElseThrow(() -> {
            ExecRow other = find(caller, id);
            other.requireNew();
            requireRunning(other.container());
            return other.alreadyRunning();
        });
        try {
            requireRunning(row.container());
        } catch (Failure e) {
            store.release(row.id());
            throw e;
        }
        return row;
    }

    /**
     * Has the node make the session, and attaches to it; then nothing of its output can be missed.
     *
     * @throws Failure when it cannot be made: for what was asked for, which its row then says, or for now, and then it may be started again
     */
    Duplex prepare(Caller caller, ExecRow row, boolean attach) {
        try {
            commands.createSession(caller, row.container(), spec(row));
            if (!attach) {
                return new NoStream();
            }
            StreamRequest request = StreamRequest.post(AgentPaths.attach(row.id()))
                    .query("stdin", flag(row.config().attachStdin()))
                    .query("stdout", flag(row.config().attachStdout()))
                    .query("stderr", flag(row.config().attachStderr()));
            return agents.streams(row.container().node()).duplex(caller, request);
        } catch (Failure.Invalid e) {
            failed(row, e.text());
            throw e;
        } catch (Failure e) {
            store.release(row.id());
            throw e;
        }
    }

    private void failed(ExecRow row, String reason) {
        store.record(
                row,
                new ObservedSession(
                        row.id(), row.container().id(), 0, Status.EXITED, 0, null, Instant.now(), NOT_STARTED, reason));
    }

    private static int flag(@Nullable Boolean value) {
        return Boolean.TRUE.equals(value) ? 1 : 0;
    }

    private static SessionSpec spec(ExecRow row) {
        ExecConfig config = row.config();
        return new SessionSpec(
                row.id(),
                row.container().id(),
                config.command() == null ? List.of() : config.command(),
                config.env() == null ? List.of() : config.env(),
                config.user() == null ? "" : config.user(),
                config.workingDir() == null ? "" : config.workingDir(),
                row.tty(),
                Boolean.TRUE.equals(config.attachStdin()),
                Boolean.TRUE.equals(config.privileged()));
    }

    /**
     * Lets the command run; the row says so when this returns.
     *
     * @return what it is doing; EXITED with the reason when it could not be executed
     */
    ObservedSession start(Caller caller, ExecRow row, @Nullable List<Integer> size) {
        List<Integer> wanted = size == null ? row.config().consoleSize() : size;
        if (row.tty() && wanted != null && wanted.size() == 2) {
            resizeNode(caller, row, wanted.get(0), wanted.get(1));
        }
        ObservedSession seen = agents.api(row.container().node()).startSession(caller, row.id());
        store.record(row, seen);
        return seen;
    }

    /**
     * After the output of a session that was started has ended: its row tells the end when this returns, unless the process runs on without
     * output.
     */
    void settle(ExecRow row) {
        Caller own = Agents.own(row.container().project(), FOLLOW_UP);
        try {
            ObservedSession seen = agents.api(row.container().node()).observeSession(own, row.id(), END_MILLIS);
            store.recordEnd(row, seen);
        } catch (Failure.NotFound e) {
            LOG.debug("the end of exec session {} was recorded before", row.id(), e);
        } catch (Failure e) {
            LOG.info("the end of exec session {} will be told by the watch on its agent: {}", row.id(), e.text());
        }
    }

    void detached(ExecRow row) {
        store.tell(row, "exec_detach");
    }

    /** Sets the terminal's size, once the session is started. */
    void resize(Caller caller, String id, int rows, int columns) {
        ExecRow row = find(caller, id);
        Instant until = Instant.now().plus(START_PATIENCE);
        Duration pause = FIRST_PAUSE;
        while (row.state() == ExecState.CREATED) {
            if (Instant.now().isAfter(until)) {
                throw new Failure.Conflict("timeout waiting for exec session ready");
            }
            pause(pause);
            pause = pause.compareTo(LAST_PAUSE) < 0 ? pause.multipliedBy(2) : LAST_PAUSE;
            row = find(caller, id);
        }
        if (row.state() == ExecState.EXITED) {
            throw new Failure.Conflict("exec session " + id + " is not running");
        }
        agents.api(row.container().node()).resizeSession(caller, row.id(), rows, columns);
    }

    private void resizeNode(Caller caller, ExecRow row, int rows, int columns) {
        if (rows > 0 && columns > 0) {
            try {
                agents.api(row.container().node()).resizeSession(caller, row.id(), rows, columns);
            } catch (Failure e) {
                LOG.debug("the first size of exec session {} cannot be set", row.id(), e);
            }
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("stopping: ask again in a moment", e);
        }
    }
}
