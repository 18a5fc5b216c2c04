package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.Recovery;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Note;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.supervisor.Attachment;
import io.longshore.agent.stage.supervisor.SupervisorClient;
import io.longshore.agent.stage.supervisor.SupervisorStatus;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The processes of one kind, containers' or sessions', that this driver object knows, and what can be done with each whatever it is.
 * Thread-safe.
 */
final class SupervisedProcesses {
    private static final Logger LOG = LoggerFactory.getLogger(SupervisedProcesses.class);
    private static final int SIGKILL = 9;

    /** For what a supervisor answers at once. */
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /** For the last words of a supervisor that is gone to be read, and for one to pass SIGKILL on. */
    private static final Duration GOES = Duration.ofSeconds(1);

    private final RunFiles files;
    private final Remains remains;
    private final Launcher launcher;
    private final Ends ends;
    private final Map<String, Supervised> known = new ConcurrentHashMap<>();

    SupervisedProcesses(RunFiles files, Remains remains, Launcher launcher) {
        this.files = files;
        this.remains = remains;
        this.launcher = launcher;
        this.ends = new Ends(remains, files);
    }

    RunFiles files() {
        return files;
    }

    @Nullable
    Supervised find(String id) {
        return known.get(id);
    }

    /** Takes a new one in; {@code Conflict} if there is one already. */
    void add(Supervised process) {
        if (known.putIfAbsent(process.id(), process) != null) {
            throw new Failure.Conflict(process.name() + " is created already");
        }
    }

    /** Past the gate; after a failure nothing is left of it. */
    Running start(Supervised process, NativePool.Work<StageProgram> compiling) {
        SupervisorStatus.State state = process.client().status().state();
        if (process.hasEnded() || state.compareTo(SupervisorStatus.State.CREATED) > 0) {
            throw new Failure.Conflict(process.name() + " is started already");
        }
        try {
            Running running = launcher.start(process, compiling);
            ends.watch(process, running);
            return running;
        } catch (RuntimeException e) {
            destroy(process.id());
            throw e;
        }
    }

    void signal(Supervised process, int signal) {
        if (process.client().status().state() != SupervisorStatus.State.STARTED || process.hasEnded()) {
            throw process.subject().notRunning();
        }
        try {
            process.client().signal(signal, signal == SIGKILL ? GOES : ANSWER);
        } catch (ErrnoException e) {
            throw e.is(Errno.ESRCH)
                    ? process.subject().notRunning()
                    : process.subject().failure("signal", e);
        } catch (IOException e) {
            if (process.endsWithin(GOES)) {
                throw process.subject().notRunning();
            }
            if (signal != SIGKILL) {
                throw process.subject().failure("signal", e);
            }
            // Whatever holds the supervisor up, as a stalled disk, must not keep anybody from ending the process.
            LOG.warn("the supervisor of {} does not answer; killing what it supervises", process.name(), e);
            remains.kill(process.note());
        }
    }

    void resize(Supervised process, int rows, int columns) {
        if (!process.subject().process().tty()) {
            throw new Failure.Conflict(process.name() + " has no terminal");
        }
        try {
            process.client().resize(columns, rows, ANSWER);
        } catch (IOException e) {
            throw process.endsWithin(GOES)
                    ? process.subject().notRunning()
                    : process.subject().failure("resize", e);
        }
    }

    Duplex attach(Supervised process, AttachRequest request) {
        try {
            Attachment attached = SupervisorClient.attach(
                    process.note().socket(), request.stdin(), request.stdout(), request.stderr(), ANSWER);
            if (request.stdin() && process.subject().process().stdinOnce()) {
                attached.onClose(() -> Thread.ofVirtual().start(() -> endInput(process)));
            }
            return attached;
        } catch (IOException e) {
            throw process.endsWithin(GOES)
                    ? process.subject().notRunning()
                    : process.subject().failure("attach to", e);
        }
    }

    /** Docker's StdinOnce: the first client with input that goes takes the input with it. An agent that stops does not. */
    private static void endInput(Supervised process) {
        if (!process.hasEnded()) {
            try {
                process.client().closeStdin(ANSWER);
            } catch (IOException e) {
                LOG.debug("the input of {} cannot be ended: it is going", process.name(), e);
            }
        }
    }

    /** Finds one again that an earlier agent created. */
    Recovery recover(Supervised process) {
        add(process);
        Recovery found = ends.recover(process);
        if (found instanceof Recovery.Alive alive) {
            ends.watch(process, alive.running());
        } else {
            process.end();
            if (found instanceof Recovery.Absent) {
                destroy(process.id());
            }
        }
        return found;
    }

    /** Takes all of it away; false if nothing is known of it but, at most, an empty note. */
    boolean destroy(String id) {
        Supervised process = known.get(id);
        Note note = process == null ? files.read(id).orElse(null) : process.note();
        if (process != null) {
            process.end();
            ends.remove(id, process.note(), process.isOver());
            process.disconnect();
        } else if (note != null) {
            ends.remove(id, note, false);
        }
        files.forget(id);
        known.remove(id);
        return note != null;
    }

    Set<String> held() {
        Set<String> held = new HashSet<>(files.ids());
        held.addAll(known.keySet());
        return held;
    }

    /** Lets go of the connections. */
    void close() {
        known.values().forEach(Supervised::end);
        known.values().forEach(Supervised::disconnect);
    }
}
