package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.execdriver.ExitListener;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Note;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchPlan;
import io.longshore.agent.stage.supervisor.SupervisorClient;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.nio.file.Path;
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

    Supervised(Launch launch, ExitListener listener, CgroupPath cgroup) {
        this.launch = launch;
        this.listener = listener;
        this.note = new Note(Path.of(launch.directory()), cgroup, null);
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

    /** Of a container that is not started. */
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
