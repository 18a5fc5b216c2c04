package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.cgroup.Cgroups;
import io.longshore.agent.execdriver.Exit;
import io.longshore.agent.execdriver.Recovery;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Note;
import io.longshore.agent.stage.supervisor.ExitRecord;
import io.longshore.agent.stage.supervisor.SupervisorClient;
import io.longshore.agent.stage.supervisor.SupervisorStatus;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How containers end, are found again, and are taken away. */
final class Ends {
    private static final Logger LOG = LoggerFactory.getLogger(Ends.class);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /** A supervisor whose process is gone has little left to do: it waits for the last output, and writes. */
    private static final Duration SUPERVISOR_GOES = Duration.ofSeconds(5);

    /** For a process whose gate has closed to be gone. */
    private static final Duration GATE_GOES = Duration.ofSeconds(3);

    private static final int KILLED = 137;
    private static final String LOST = "the container's supervisor was lost, so the container was killed";

    private final Cgroups cgroups;
    private final RunFiles files;

    Ends(Cgroups cgroups, RunFiles files) {
        this.cgroups = cgroups;
        this.files = files;
    }

    /** Tells the listener the end of a container that runs, once. */
    void watch(Supervised container, Running running) {
        var _ = container
                .client()
                .onEnd()
                .whenComplete((status, lost) -> Thread.ofVirtual()
                        .name("exit-" + container.id().shortForm())
                        .start(() -> ended(container, running, status)));
    }

    private void ended(Supervised container, Running running, @Nullable SupervisorStatus status) {
        if (container.hasEnded()) {
            return; // by destroy, or by the end of this driver object
        }
        Exit exit;
        try {
            exit = status == null
                    ? withoutSupervisor(container, running.startedAt())
                    : exit(container, status.exitStatus(), running.startedAt(), status.finished());
        } catch (IOException | RuntimeException e) {
            LOG.error("the end of container {} cannot be settled", container.id(), e);
            exit = lost(
                    container, running.startedAt(), LOST + "; not all of it could be cleaned up: " + e.getMessage());
        }
        if (container.end()) {
            container.listener().exited(container.id(), exit);
        }
    }

    /** Finds out what became of a container that an earlier agent created. */
    Recovery recover(Supervised container) {
        ContainerId id = container.id();
        try {
            SupervisorClient client = connect(container.note().socket());
            if (client == null) {
                return recoverWithout(container, container.note());
            }
            container.connected(client, null);
            SupervisorStatus status = client.status();
            return switch (status.state()) {
                case STARTED -> new Recovery.Alive(new Running(status.pid(), status.started()));
                case EXITED ->
                    new Recovery.Ended(exit(container, status.exitStatus(), status.started(), status.finished()));
                case STARTING -> recoverStarting(client);
                case PREPARING, CREATED, FAILED, ABORTED -> new Recovery.Absent();
            };
        } catch (IOException e) {
            throw new Failure.Internal("cannot find container " + id + " again: " + e.getMessage(), e);
        }
    }

    /** The agent died while it waited for execve: the start is made, and is kept. */
    private static Recovery recoverStarting(SupervisorClient client) throws IOException {
        long deadline = System.nanoTime() + CONNECT.toNanos();
        while (client.status().state() == SupervisorStatus.State.STARTING && System.nanoTime() < deadline) {
            pause();
        }
        SupervisorStatus status = client.status();
        return status.state() == SupervisorStatus.State.STARTED
                ? new Recovery.Alive(new Running(status.pid(), status.started()))
                : new Recovery.Absent();
    }

    private Recovery recoverWithout(Supervised container, Note note) throws IOException {
        Optional<ExitRecord> record = ExitRecord.read(note.exitRecord());
        if (record.isPresent()) {
            ExitRecord found = record.get();
            return new Recovery.Ended(exit(container, found.status(), found.started(), found.finished()));
        }
        if (note.startedAt() == null && goesByItself(container)) {
            // Nobody was told of a start; the supervisor has taken back what it had made.
            return new Recovery.Absent();
        }
        return new Recovery.Ended(
                withoutSupervisor(container, note.startedAt() == null ? Instant.now() : note.startedAt()));
    }

    /** A process at the gate ends when its supervisor does, which may be just now; one past the gate runs on. */
    private boolean goesByItself(Supervised container) {
        long deadline = System.nanoTime() + GATE_GOES.toNanos();
        while (!cgroups.processes(container.cgroup()).isEmpty()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            pause();
        }
        return true;
    }

    /** The connection is gone: the supervisor has delivered its record, or it was killed and takes its container along. */
    private Exit withoutSupervisor(Supervised container, Instant startedAt) throws IOException {
        Optional<ExitRecord> record = ExitRecord.read(container.note().exitRecord());
        if (record.isPresent()) {
            return exit(
                    container, record.get().status(), startedAt, record.get().finished());
        }
        LOG.warn("the supervisor of container {} is gone; killing the container", container.id());
        cgroups.kill(container.cgroup());
        return lost(container, startedAt, LOST);
    }

    private Exit lost(Supervised container, Instant startedAt, String why) {
        return new Exit(KILLED, cgroups.oomKills(container.cgroup()) > 0, startedAt, Instant.now(), why);
    }

    private Exit exit(Supervised container, int code, Instant startedAt, Instant finishedAt) {
        return new Exit(code, cgroups.oomKills(container.cgroup()) > 0, startedAt, finishedAt, "");
    }

    /**
     * Takes away all that there is of a container.
     *
     * @param over whether its supervisor has said its end, and so has written the record
     */
    void remove(ContainerId id, Note note, boolean over) {
        if (!over || !cgroups.removeIfEmpty(note.cgroup())) {
            cgroups.kill(note.cgroup());
            if (!over) {
                awaitRecord(note.socket());
            }
            cgroups.remove(note.cgroup());
        }
        files.delete(id, note);
    }

    /** A supervisor whose process was killed writes its record, which is about to be removed, before it says the end. */
    private static void awaitRecord(Path socket) {
        try (SupervisorClient client = connect(socket)) {
            if (client != null) {
                client.onEnd().get(SUPERVISOR_GOES.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (ExecutionException e) {
            LOG.debug("the supervisor at {} went without a word", socket, e);
        } catch (TimeoutException e) {
            throw new Failure.Internal(
                    "the supervisor at " + socket + " does not end, though its process is killed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Internal("interrupted while waiting for a supervisor", e);
        }
    }

    private static @Nullable SupervisorClient connect(Path socket) {
        try {
            return Files.exists(socket) ? SupervisorClient.connect(socket, CONNECT) : null;
        } catch (IOException e) {
            return null; // refused: nobody listens any more
        }
    }

    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Internal("interrupted while waiting for a supervisor", e);
        }
    }
}
