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
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A container with a supervisor, as this driver object knows it. */
final class Supervised {
    private final Launch launch;
    private final ExitListener listener;
    private final Note note;
    private final AtomicBoolean ended = new AtomicBoolean();
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

    /** As it was when this driver object met the container. */
    Note note() {
        return note;
    }

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
        return ended.compareAndSet(false, true);
    }

    /** Whether its supervisor has said the end, so that there is nothing to kill and nothing to wait for. */
    boolean isOver() {
        SupervisorClient known = client;
        return known != null && known.status().state() == SupervisorStatus.State.EXITED;
    }

    boolean hasEnded() {
        return ended.get();
    }

    void disconnect() {
        SupervisorClient known = client;
        if (known != null) {
            known.close();
        }
    }
}
