package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Started;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.stage.Spawner;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.supervisor.ProcessIdentity;
import io.longshore.agent.stage.supervisor.StageFailure;
import io.longshore.agent.stage.supervisor.SupervisorClient;
import io.longshore.agent.stage.supervisor.SupervisorStatus;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.time.Duration;

/** The two steps of a start: up to the gate, and past it. */
final class Launcher {
    /** Some milliseconds on an idle machine; mounting a root may wait for a disk. */
    static final Duration STEP = Duration.ofSeconds(60);

    private final Looks looks;
    private final Spawner spawner;
    private final RunFiles files;

    Launcher(Looks looks, Spawner spawner, RunFiles files) {
        this.looks = looks;
        this.spawner = spawner;
        this.files = files;
    }

    /**
     * Up to the gate; the note is written before. What is left behind when it fails, {@link Ends#remove} takes away.
     *
     * @param inherited see {@link Spawner#spawn}
     */
    void create(Supervised process, StageProgram program, Fd... inherited) {
        try {
            int supervisor;
            try (StartStage _ = StartStage.begin("spawn")) {
                supervisor = spawner.spawn(program, STEP, inherited);
            }
            try (StartStage _ = StartStage.begin("note of the supervisor")) {
                ProcessIdentity.of(supervisor)
                        .ifPresent(who -> process.noted(files.spawned(process.id(), process.note(), who)));
            }
            try (StartStage _ = StartStage.begin("program up to the gate")) {
                SupervisorClient client =
                        SupervisorClient.connect(process.note().socket(), STEP);
                process.connected(client, program);
                client.awaitCreated(STEP);
            }
        } catch (IOException e) {
            throw explain(process, e);
        } catch (IllegalArgumentException e) {
            throw unwritable(process, e);
        }
    }

    /** Past the gate. */
    Running start(Supervised process, NativePool.Work<StageProgram> compiling) {
        SupervisorClient client = process.client();
        try {
            StageProgram program;
            try (StartStage _ = StartStage.begin("plan past the gate")) {
                program = looks.call(process.container().id(), compiling, STEP, late -> {});
            }
            SupervisorStatus status;
            try (StartStage _ = StartStage.begin("program past the gate, to the exec")) {
                status = client.start(program, STEP);
            }
            try (StartStage _ = StartStage.begin("note of the start")) {
                var started = new Started(status.process(), status.started());
                process.noted(files.started(process.id(), process.note(), started));
            }
            return new Running(status.pid(), status.started());
        } catch (IOException e) {
            throw explain(process, e);
        } catch (IllegalArgumentException e) {
            throw unwritable(process, e);
        }
    }

    /** What cannot be written into a program: a NUL in a name, more than a program can hold. */
    private static Failure unwritable(Supervised process, IllegalArgumentException e) {
        return new Failure.Invalid(process.subject().words().prefix() + e.getMessage(), e);
    }

    private static Failure explain(Supervised process, IOException e) {
        if (e instanceof StageFailure failure) {
            return process.subject().failures().apply(failure);
        }
        return new Failure.Internal(process.subject().words().prefix() + e.getMessage(), e);
    }
}
