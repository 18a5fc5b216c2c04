package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.execdriver.Exit;
import io.longshore.agent.execdriver.StartWords;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Note;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.supervisor.StageFailure;
import io.longshore.agent.stage.supervisor.SupervisorClient;
import io.longshore.agent.stage.supervisor.SupervisorStatus;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.ContainerProcess;
import io.longshore.contracts.error.Failure;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A process with a supervisor, as this driver object knows it: a container's first one, or an exec session's. */
final class Supervised {
    private final Subject subject;
    private final Consumer<Exit> listener;
    private final ContainerSpec container;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile Note note;
    private volatile @Nullable StageProgram created;
    private volatile @Nullable SupervisorClient client;

    /**
     * Whose process it is.
     *
     * @param id of the container or the session
     * @param name as messages have it: {@code container ID}
     * @param words with which its failed start is told
     * @param process what runs
     * @param failures words a call of its program that failed
     */
    record Subject(
            String id,
            String name,
            StartWords words,
            ContainerProcess process,
            Function<StageFailure, Failure> failures) {
        /** One whose process is made by our own calls. */
        Subject(String id, String name, StartWords words, ContainerProcess process) {
            this(
                    id,
                    name,
                    words,
                    process,
                    new StartFailures(words, process.arguments().getFirst())::explain);
        }

        Failure.Conflict notRunning() {
            return new Failure.Conflict(name + " is not running");
        }

        Failure.Internal failure(String verb, Exception e) {
            return new Failure.Internal("cannot " + verb + " " + name + ": " + e.getMessage(), e);
        }
    }

    /** @param container the specification of the container: of which it is the first process, or in which it is a session */
    Supervised(Subject subject, Note note, Consumer<Exit> listener, ContainerSpec container) {
        this.subject = subject;
        this.container = container;
        this.listener = listener;
        this.note = note;
    }

    Subject subject() {
        return subject;
    }

    String id() {
        return subject.id();
    }

    String name() {
        return subject.name();
    }

    ContainerSpec container() {
        return container;
    }

    Note note() {
        return note;
    }

    /** The note says more now. */
    void noted(Note more) {
        note = more;
    }

    /** Follows the process by this connection from now on; {@code program} is what it was created with, if this agent did. */
    void connected(SupervisorClient connection, @Nullable StageProgram program) {
        client = connection;
        created = program;
    }

    /** The program it was created with; only the agent that created it has one. */
    StageProgram created() {
        StageProgram known = created;
        if (known == null) {
            throw new Failure.Conflict(name() + " is started already");
        }
        return known;
    }

    SupervisorClient client() {
        SupervisorClient known = client;
        if (known == null) {
            throw new Failure.Conflict(name() + " is being created");
        }
        return known;
    }

    /** True for the first caller: who ends it, or keeps the end from being told. */
    boolean end() {
        return ended.complete(null);
    }

    /** Tells the end, unless it has been told or nobody is to hear of it. */
    void tell(Exit exit) {
        if (end()) {
            listener.accept(exit);
        }
    }

    /** Whether its supervisor has said the end, so that there is nothing to kill and nothing to wait for. */
    boolean isOver() {
        SupervisorClient known = client;
        return known != null && known.status().state() == SupervisorStatus.State.EXITED;
    }

    boolean hasEnded() {
        return ended.isDone();
    }

    /** Whether it is over, or will be in a moment: that a connection breaks may be known before what was said on the other is read. */
    boolean endsWithin(Duration limit) {
        try {
            if (!isOver()) {
                ended.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            }
            return true;
        } catch (TimeoutException e) {
            return isOver();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("an end is completed by value only", e);
        }
    }

    void disconnect() {
        SupervisorClient known = client;
        if (known != null) {
            known.close();
        }
    }
}
