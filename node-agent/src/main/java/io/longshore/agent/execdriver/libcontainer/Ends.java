package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.execdriver.Exit;
import io.longshore.agent.execdriver.Recovery;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Note;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Started;
import io.longshore.agent.stage.supervisor.ExitRecord;
import io.longshore.agent.stage.supervisor.ProcessIdentity;
import io.longshore.agent.stage.supervisor.ProtocolMismatch;
import io.longshore.agent.stage.supervisor.SupervisorClient;
import io.longshore.agent.stage.supervisor.SupervisorGone;
import io.longshore.agent.stage.supervisor.SupervisorStatus;
import io.longshore.contracts.agent.ContainerSpec.Namespace;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How supervised processes end, are found again, and are taken away. */
final class Ends {
    private static final Logger LOG = LoggerFactory.getLogger(Ends.class);
    /** For a supervisor that is stopped, or an agent without a free descriptor. */
    private static final Duration CONNECT = Duration.ofSeconds(30);

    private static final Duration PAUSE = Duration.ofMillis(50);
    /** Between tries to follow a process again that nobody answers for. */
    private static final Duration AGAIN = Duration.ofSeconds(5);
    /**
     * A supervisor whose process is gone has little left to do: it waits for the last output (DRAIN_MS in supervisor.c, 10 s at most), and
     * writes.
     */
    private static final Duration SUPERVISOR_GOES = Duration.ofSeconds(15);

    /** For a process whose gate has closed, or a supervisor whose sockets have, to be gone. */
    private static final Duration GOES = Duration.ofSeconds(3);

    private static final int KILLED = 137;
    private static final String LOST = "its supervisor was lost, so it was killed";

    private final Remains remains;
    private final RunFiles files;

    Ends(Remains remains, RunFiles files) {
        this.remains = remains;
        this.files = files;
    }

    /** Tells the listener the end of a process that runs, once. */
    void watch(Supervised supervised, Running running) {
        var _ = supervised
                .client()
                .onEnd()
                .whenComplete((status, lost) -> Thread.ofVirtual()
                        .name("exit-" + supervised.id().substring(0, 12))
                        .start(() -> ended(supervised, running, status)));
    }

    private void ended(Supervised supervised, Running running, @Nullable SupervisorStatus status) {
        if (status == null) {
            followAgain(supervised, running);
        } else {
            endOthers(supervised);
            supervised.tell(exit(supervised, running.startedAt(), status));
        }
    }

    /** Where the kernel does not end with a container's first process what else it has begun: it shares process ids with others. */
    private void endOthers(Supervised supervised) {
        if (supervised.container().security().namespaces().pid().from() == Namespace.From.PRIVATE) {
            return;
        }
        try {
            remains.kill(supervised.note());
        } catch (Failure e) {
            LOG.warn("{} has ended, but not all of its processes; its removal will try again", supervised.name(), e);
        }
    }

    /** The connection is gone, which says nothing of the process as long as its supervisor lives. */
    private void followAgain(Supervised supervised, Running running) {
        while (!supervised.hasEnded()) { // by destroy, or by the end of this driver object
            try {
                Optional<SupervisorClient> client = connect(supervised.note(), CONNECT);
                if (client.isEmpty()) {
                    supervised.tell(withoutSupervisor(supervised, running.startedAt()));
                    return;
                }
                supervised.connected(client.get(), null);
                if (supervised.hasEnded()) {
                    supervised.disconnect();
                } else {
                    watch(supervised, running);
                }
                return;
            } catch (IOException | RuntimeException e) {
                LOG.warn("{} cannot be followed now, trying again in {}", supervised.name(), AGAIN, e);
                pause(AGAIN);
            }
        }
    }

    /** Finds out what became of a process that an earlier agent created. */
    Recovery recover(Supervised supervised) {
        try {
            Optional<SupervisorClient> client = connect(supervised.note(), CONNECT);
            if (client.isEmpty()) {
                return recoverWithout(supervised);
            }
            supervised.connected(client.get(), null);
            // The agent may have died while it waited for execve: the start is made, and is kept.
            SupervisorStatus status = client.get().awaitSettled(CONNECT);
            return switch (status.state()) {
                case STARTED -> {
                    if (supervised.note().started() == null) {
                        // The agent that made the start died before it had noted it.
                        var started = new Started(status.process(), status.started());
                        supervised.noted(files.started(supervised.id(), supervised.note(), started));
                    }
                    yield new Recovery.Alive(new Running(status.pid(), status.started()));
                }
                case EXITED -> {
                    endOthers(supervised);
                    yield new Recovery.Ended(exit(supervised, status.started(), status));
                }
                case STARTING, PREPARING, CREATED, FAILED, ABORTED -> new Recovery.Absent();
            };
        } catch (IOException e) {
            throw new Failure.Internal("cannot find " + supervised.name() + " again: " + e.getMessage(), e);
        }
    }

    private Recovery recoverWithout(Supervised supervised) throws IOException {
        Started started = supervised.note().started();
        Optional<ExitRecord> record = record(supervised);
        if (record.isPresent()) {
            endOthers(supervised);
            return new Recovery.Ended(exit(supervised, record.get().started(), record.get()));
        }
        if (started == null && goesByItself(supervised)) {
            // Nobody was told of a start; the supervisor has taken back what it had made.
            return new Recovery.Absent();
        }
        return new Recovery.Ended(withoutSupervisor(supervised, started == null ? Instant.now() : started.at()));
    }

    /** The record, if it is of the process that was started. */
    private static Optional<ExitRecord> record(Supervised supervised) throws IOException {
        Started started = supervised.note().started();
        Optional<ExitRecord> found = ExitRecord.read(supervised.note().exitRecord());
        if (started != null && found.isPresent() && !found.get().process().equals(started.process())) {
            LOG.warn(
                    "the exit record of {} is of {}, not of {}, and not used",
                    supervised.name(),
                    found.get().process(),
                    started.process());
            return Optional.empty();
        }
        return found;
    }

    /** A process at the gate ends when its supervisor does, which may be just now; one past the gate runs on. */
    private boolean goesByItself(Supervised supervised) {
        return within(GOES, () -> remains.ended(supervised.note()));
    }

    /** Nobody listens: the supervisor has delivered its record, or it was killed and takes its process along. */
    private Exit withoutSupervisor(Supervised supervised, Instant startedAt) throws IOException {
        Optional<ExitRecord> record = record(supervised);
        if (record.isPresent()) {
            return exit(supervised, startedAt, record.get());
        }
        ProcessIdentity supervisor = supervised.note().supervisor();
        boolean ended = remains.ended(supervised.note());
        if (!ended && supervisor != null && !within(GOES, () -> !supervisor.isAlive())) {
            throw new IOException("the supervisor of " + supervised.name() + ", process " + supervisor.pid()
                    + ", lives and does not listen at " + supervised.note().socket()
                    + ": was the run directory emptied? It is left as it is");
        }
        LOG.warn("the supervisor of {} is gone; killing what it supervised", supervised.name());
        remains.kill(supervised.note());
        return new Exit(KILLED, oomKilled(supervised), startedAt, Instant.now(), LOST);
    }

    private Exit exit(Supervised supervised, Instant startedAt, SupervisorStatus status) {
        tellOfLostLines(supervised, status.droppedLogLines());
        return new Exit(status.exitStatus(), oomKilled(supervised), startedAt, status.finished(), "");
    }

    private Exit exit(Supervised supervised, Instant startedAt, ExitRecord record) {
        tellOfLostLines(supervised, record.droppedLogLines());
        return new Exit(record.status(), oomKilled(supervised), startedAt, record.finished(), "");
    }

    private boolean oomKilled(Supervised supervised) {
        return remains.oomKilled(supervised.note());
    }

    private static void tellOfLostLines(Supervised supervised, long lines) {
        if (lines > 0) {
            LOG.warn(
                    "the log of {} lacks {} lines that could not be written: is the disk of {} full?",
                    supervised.name(),
                    lines,
                    supervised.note().directory());
        }
    }

    /**
     * Takes away all that there is of a process.
     *
     * @param over whether its supervisor has said its end, and so has written the record
     */
    void remove(String id, Note note, boolean over) {
        if (!over || !remains.removeIfEnded(note)) {
            remains.kill(note);
            if (!over) {
                letGo(note);
            }
            remains.remove(note);
        }
        files.delete(id, note);
    }

    /**
     * A supervisor whose process was killed writes its record, which is about to be removed, before it says the end. One that does not
     * come to it, as on a stalled disk, goes with its process.
     */
    private static void letGo(Note note) {
        try {
            Optional<SupervisorClient> found = connect(note, SUPERVISOR_GOES);
            if (found.isPresent()) {
                try (SupervisorClient client = found.get()) {
                    client.onEnd().get(SUPERVISOR_GOES.toNanos(), TimeUnit.NANOSECONDS);
                }
            }
        } catch (ExecutionException e) {
            LOG.debug("the supervisor at {} went without a word", note.socket(), e);
        } catch (IOException | TimeoutException e) {
            ProcessIdentity supervisor = note.supervisor();
            LOG.warn("the supervisor at {} does not end, though its process is killed: killing it", note.socket(), e);
            if (supervisor != null) {
                supervisor.kill();
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Empty if nobody listens any more. Whatever else is in the way may pass until the time is up. */
    private static Optional<SupervisorClient> connect(Note note, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                var client = SupervisorClient.connect(note.socket(), Duration.ofNanos(deadline - System.nanoTime()));
                return Optional.of(same(client, note));
            } catch (SupervisorGone e) {
                return Optional.empty();
            } catch (ProtocolMismatch e) {
                throw e;
            } catch (IOException e) {
                if (System.nanoTime() + PAUSE.toNanos() > deadline) {
                    throw e;
                }
                pause(PAUSE);
            }
        }
    }

    private static SupervisorClient same(SupervisorClient client, Note note) throws IOException {
        int found = client.status().supervisorPid();
        ProcessIdentity noted = note.supervisor();
        if (noted != null && noted.pid() != found) {
            client.close();
            throw new IOException(
                    "process " + found + " answers at " + note.socket() + ", not the supervisor " + noted.pid());
        }
        return client;
    }

    private static boolean within(Duration time, BooleanSupplier test) {
        long deadline = System.nanoTime() + time.toNanos();
        while (!test.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            pause(Duration.ofMillis(1));
        }
        return true;
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static Failure interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Failure.Internal("interrupted while waiting for a supervisor", e);
    }
}
