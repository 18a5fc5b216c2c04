package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.account.Identity;
import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.cgroup.Cgroups;
import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.ExecSessions;
import io.longshore.agent.execdriver.ExitListener;
import io.longshore.agent.execdriver.Recovery;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.SessionLaunch;
import io.longshore.agent.execdriver.StartWords;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Note;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Started;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.stage.Spawner;
import io.longshore.agent.stage.StageProgram;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.ExecId;
import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Exec sessions in our own containers. A session has a directory {@code ID.session} in the run directory for the record of its exit: it is
 * worth nothing after the machine was restarted.
 */
final class LibcontainerSessions implements ExecSessions {
    private static final String RECORDS = ".session";

    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Syscalls syscalls;
    private final Looks looks;
    private final Path runDirectory;
    private final Planner planner;
    private final Cgroups cgroups;
    private final Launcher launcher;
    private final SupervisedProcesses containers;
    private final SupervisedProcesses sessions;
    /** Of sessions at the gate: what they are to do past it. */
    private final Map<ExecId, Ready> ready = new ConcurrentHashMap<>();

    private record Ready(SessionLaunch launch, Identity who) {}

    LibcontainerSessions(
            Syscalls syscalls,
            Looks looks,
            Spawner spawner,
            Path runDirectory,
            Planner planner,
            Cgroups cgroups,
            SupervisedProcesses containers) {
        this.syscalls = syscalls;
        this.looks = looks;
        this.runDirectory = runDirectory;
        this.planner = planner;
        this.cgroups = cgroups;
        this.containers = containers;
        var files = new RunFiles(runDirectory, ".exec");
        this.launcher = new Launcher(looks, spawner, files);
        this.sessions = new SupervisedProcesses(files, new Remains.OfSession(), launcher);
    }

    @Override
    public void create(SessionLaunch launch, ExitListener<ExecId> listener) {
        Supervised container = container(launch);
        Note note = sessions.files()
                .begin(
                        launch.id().value(),
                        records(launch.id()),
                        container.note().cgroup());
        Supervised session = supervised(launch, listener, note);
        StageProgram program = planner.session(launch, note, entrance(container));
        sessions.add(session);
        try {
            Files.createDirectories(note.directory(), PRIVATE);
            sessions.files().write(session.id(), note);
            try (SessionEntrance entrance = looks.call(
                    launch.container().id(),
                    () -> SessionEntrance.open(
                            syscalls, container, launch.asContainer().process()),
                    Launcher.STEP,
                    SessionEntrance::close)) {
                launcher.create(session, program, entrance.process(), entrance.input());
                ready.put(launch.id(), new Ready(launch, entrance.who()));
            }
        } catch (IOException e) {
            destroy(launch.id());
            throw session.subject().failure("create", e);
        } catch (RuntimeException e) {
            destroy(launch.id());
            throw e;
        }
    }

    private Path records(ExecId id) {
        return runDirectory.resolve(id + RECORDS);
    }

    private Supervised container(SessionLaunch launch) {
        ContainerId id = launch.container().id();
        Supervised container = containers.find(id.value());
        if (container == null || container.note().started() == null || container.hasEnded()) {
            throw new Failure.Conflict("container " + id + " is not running");
        }
        return container;
    }

    private CgroupPath entrance(Supervised container) {
        CgroupPath cgroup = container.note().cgroup();
        Started started = container.note().started();
        return started == null
                ? cgroup
                : cgroups.entrance(cgroup, started.process().pid());
    }

    private static Supervised supervised(SessionLaunch launch, ExitListener<ExecId> listener, Note note) {
        ExecId id = launch.id();
        var subject = new Supervised.Subject(
                id.value(),
                "exec session " + id,
                StartWords.SESSION,
                launch.asContainer().process());
        return new Supervised(subject, note, exit -> listener.exited(id, exit), launch.container());
    }

    @Override
    public Running start(ExecId id) {
        Supervised session = session(id);
        Ready next = ready.remove(id);
        if (next == null) {
            throw new Failure.Conflict(session.name() + " is started already");
        }
        try {
            return sessions.start(session, () -> planner.startSession(next.launch, session.created(), next.who));
        } catch (RuntimeException e) {
            destroy(id);
            throw e;
        }
    }

    @Override
    public void signal(ExecId id, int signal) {
        sessions.signal(session(id), signal);
    }

    @Override
    public void resize(ExecId id, int rows, int columns) {
        sessions.resize(session(id), rows, columns);
    }

    @Override
    public Duplex attach(ExecId id, AttachRequest request) {
        return sessions.attach(session(id), request);
    }

    @Override
    public Recovery recover(SessionLaunch launch, ExitListener<ExecId> listener) {
        Supervised container = containers.find(launch.container().id().value());
        Note latest = sessions.files().read(launch.id().value()).orElse(null);
        if (latest == null || container == null) {
            destroy(launch.id());
            return new Recovery.Absent();
        }
        Recovery found = sessions.recover(supervised(launch, listener, latest));
        if (found instanceof Recovery.Absent) {
            destroy(launch.id());
        }
        return found;
    }

    @Override
    public void destroy(ExecId id) {
        ready.remove(id);
        sessions.destroy(id.value());
        try {
            Files.deleteIfExists(records(id));
        } catch (IOException e) {
            throw new Failure.Internal("cannot remove " + records(id) + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Set<ExecId> held() {
        Set<String> held = new HashSet<>(sessions.held());
        // Made before the note and removed after it: it may be all that is left.
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(runDirectory, "*" + RECORDS)) {
            for (Path directory : directories) {
                String name = directory.getFileName().toString();
                held.add(name.substring(0, name.length() - RECORDS.length()));
            }
        } catch (IOException e) {
            throw new Failure.Internal("cannot list " + runDirectory + ": " + e.getMessage(), e);
        }
        return held.stream().map(ExecId::parse).collect(Collectors.toSet());
    }

    void close() {
        sessions.close();
    }

    private Supervised session(ExecId id) {
        Supervised session = sessions.find(id.value());
        if (session == null) {
            throw new Failure.NotFound("No such exec instance: " + id);
        }
        return session;
    }
}
