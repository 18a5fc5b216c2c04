package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.execdriver.ExitListener;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Note;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchPlan;
import io.longshore.agent.stage.supervisor.SupervisorClient;
import io.longshore.agent.stage.supervisor.SupervisorStatus;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A container with a supervisor, as this driver object knows it. */
final class Supervised {
    private final Launch launch;
    private final ExitListener listener;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile Note note;
    private volatile @Nullable LaunchPlan plan;
    private volatile @Nullable SupervisorClient client;

    Supervised(Launch launch, ExitListener listener, Note note) {
        this.launch = launch;
        this.listener = listener;
        this.note = note;
    }

    ContainerId id() {
        return launch.id();
    }

    Launch launch() {
        return launch;
    }

    ExitListener listener() {
        return listener;
    }

    CgroupPath cgroup() {
        return note.cgroup();
    }

    Note note() {
        return note;
    }

    /** The note says more now. */
    void noted(Note more) {
        note = more;
    }

    /** Follows the container by this connection from now on. */
    void connected(SupervisorClient connection, @Nullable LaunchPlan compiled) {
        client = connection;
        plan = compiled;
    }

    /** The plan it was created with; only the agent that created it has one. */
    LaunchPlan plan() {
        LaunchPlan known = plan;
        if (known == null) {
            throw new Failure.Conflict("container " + id() + " is started already");
        }
        return known;
    }

    SupervisorClient client() {
        SupervisorClient known = client;
        if (known == null) {
            throw new Failure.Conflict("container " + id() + " is being created");
        }
        return known;
    }

    /** True for the first caller: who ends it, or keeps the end from being told. */
    boolean end() {
        return ended.complete(null);
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
