package io.longshore.agent.stage.supervisor;

import static io.longshore.agent.linux.MountFlags.MNT_DETACH;
import static io.longshore.agent.linux.MountFlags.MS_BIND;
import static io.longshore.agent.linux.MountFlags.MS_PRIVATE;
import static io.longshore.agent.linux.MountFlags.MS_REC;
import static io.longshore.agent.stage.Arg.NULL;
import static io.longshore.agent.stage.Arg.number;
import static io.longshore.agent.stage.Arg.strings;
import static io.longshore.agent.stage.Arg.text;

import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.stage.Arg;
import io.longshore.agent.stage.Op;
import io.longshore.agent.stage.Spawner;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.agent.stage.supervisor.SupervisorStatus.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A busybox root and real stage processes in it, with everything taken away and checked at the end. */
final class Bench implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(20);
    static final long NAMESPACES = ProcessFlags.CLONE_NEWNS
            | ProcessFlags.CLONE_NEWPID
            | ProcessFlags.CLONE_NEWUTS
            | ProcessFlags.CLONE_NEWIPC
            | ProcessFlags.CLONE_NEWNET;

    final JnaSyscalls syscalls = new JnaSyscalls();
    final Path directory;
    final Path root;
    private final NativePool pool = new NativePool("bench", 4, 64);
    private final Spawner spawner;
    private final AtomicInteger made = new AtomicInteger();

    Bench() throws IOException {
        this(null);
    }

    /** @param binary another build of the stage; null for the one that ships */
    Bench(@Nullable Path binary) throws IOException {
        directory = Files.createTempDirectory("stage");
        root = Files.createDirectories(directory.resolve("root"));
        for (String name : List.of("bin", "proc", "dev/pts", "tmp", "old")) {
            Files.createDirectories(root.resolve(name));
        }
        Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
        for (String name : List.of("sh", "cat", "true", "sleep")) {
            Files.createSymbolicLink(root.resolve("bin/" + name), Path.of("busybox"));
        }
        spawner = binary == null
                ? Spawner.open(syscalls, pool, StageProgram.placing().build())
                : Spawner.open(syscalls, pool, StageProgram.placing().build(), Files.readAllBytes(binary));
    }

    /** One supervised process, waiting at the gate or started. */
    final class Supervised implements AutoCloseable {
        final Path home;
        final SupervisorConfig config;
        final StageProgram program;
        final int supervisor;
        final SupervisorClient client;

        Supervised(UnaryOperator<SupervisorConfig> configure, UnaryOperator<StageProgram.Builder> build)
                throws IOException {
            home = Files.createDirectories(directory.resolve("p" + made.getAndIncrement()));
            config = configure.apply(SupervisorConfig.of(
                            home.getFileName().toString(),
                            home.resolve("sock").toString(),
                            exitFile().toString())
                    .log(new SupervisorConfig.Log(logFile().toString(), 0, 1)));
            program = build.apply(StageProgram.create(config)).build();
            supervisor = spawner.spawn(program, SOON);
            client = SupervisorClient.connect(socket(), SOON);
        }

        Path socket() {
            return home.resolve("sock");
        }

        Path logFile() {
            return home.resolve("log.json");
        }

        Path exitFile() {
            return home.resolve("exit");
        }

        Supervised start(String... command) throws IOException {
            client.awaitCreated(SOON);
            client.start(execute(program, command), SOON);
            return this;
        }

        int pid() {
            return client.status().pid();
        }

        /** Waits for the end and gives the exit status; the supervisor and its socket are gone then. */
        int waitFor() throws Exception {
            SupervisorStatus end = client.onEnd().get(SOON.toSeconds(), TimeUnit.SECONDS);
            if (end.state() != State.EXITED) {
                throw new AssertionError(end.toString());
            }
            return end.exitStatus();
        }

        Attachment attach(boolean stdin) throws IOException {
            return SupervisorClient.attach(socket(), stdin, true, true, SOON);
        }

        @Override
        public void close() throws IOException {
            int pid = pid();
            client.close();
            for (int each : new int[] {pid, supervisor}) {
                kill(each);
            }
            eventually(
                    "process " + pid + " and supervisor " + supervisor + " are gone",
                    () -> !alive(pid) && !alive(supervisor));
        }
    }

    /** A process in namespaces of its own, on the busybox root, at the gate. */
    Supervised create(UnaryOperator<SupervisorConfig> configure) throws IOException {
        return new Supervised(configure, this::container);
    }

    /** Created and started. */
    Supervised run(UnaryOperator<SupervisorConfig> configure, String... command) throws IOException {
        return create(configure).start(command);
    }

    Supervised sh(String script) throws IOException {
        return run(config -> config, "/bin/sh", "-c", script);
    }

    StageProgram.Builder container(StageProgram.Builder builder) {
        String path = root.toString();
        return builder.cloneFlags(NAMESPACES)
                .child(
                        Op.of(Call.MOUNT, NULL, text("/"), NULL, number(MS_REC | MS_PRIVATE), NULL)
                                .label("make / private"),
                        Op.of(Call.MOUNT, text(path), text(path), NULL, number(MS_BIND), NULL),
                        Op.of(Call.CHDIR, text(path)),
                        Op.of(Call.MOUNT, text("proc"), text("proc"), text("proc"), NULL, NULL)
                                .label("mount proc on /proc"),
                        Op.of(Call.PIVOT_ROOT, text("."), text("old")),
                        Op.of(Call.UMOUNT2, text("old"), number(MNT_DETACH)),
                        Op.of(Call.CHDIR, text("/")));
    }

    /** The same with a terminal from a devpts instance of its own. */
    StageProgram.Builder terminal(StageProgram.Builder builder) {
        Arg.Slot master = builder.slot("master");
        Arg.Slot slave = builder.slot("slave");
        return container(builder)
                .child(
                        Op.of(
                                Call.MOUNT,
                                text("devpts"),
                                text("/dev/pts"),
                                text("devpts"),
                                NULL,
                                text("newinstance,ptmxmode=0666,mode=0620")),
                        Op.of(
                                        Call.OPENAT,
                                        Arg.CWD,
                                        text("/dev/pts/ptmx"),
                                        number(OpenFlags.O_RDWR | OpenFlags.O_NOCTTY | OpenFlags.O_CLOEXEC))
                                .save(master),
                        Op.of(Call.IOCTL, master, number(ProcessFlags.TIOCSPTLCK), Arg.space(4)),
                        Op.of(
                                        Call.IOCTL,
                                        master,
                                        number(ProcessFlags.TIOCGPTPEER),
                                        number(OpenFlags.O_RDWR | OpenFlags.O_NOCTTY))
                                .save(slave),
                        Op.sendTerminal(master),
                        Op.of(Call.SETSID),
                        Op.of(Call.IOCTL, slave, number(ProcessFlags.TIOCSCTTY), NULL),
                        Op.of(Call.DUP3, slave, number(0), NULL),
                        Op.of(Call.DUP3, slave, number(1), NULL),
                        Op.of(Call.DUP3, slave, number(2), NULL));
    }

    static StageProgram execute(StageProgram created, String... command) {
        return StageProgram.startAfter(created)
                .start(Op.of(
                                Call.EXECVE,
                                text(command[0]),
                                strings(Arrays.asList(command)),
                                strings(List.of("PATH=/bin")))
                        .tolerate(Errno.ENOENT, Errno.EACCES))
                .build();
    }

    void kill(int pid) throws ErrnoException {
        try {
            if (pid > 0 && alive(pid)) {
                syscalls.kill(pid, ProcessFlags.SIGKILL);
            }
        } catch (ErrnoException e) {
            if (!e.is(Errno.ESRCH)) {
                throw e;
            }
        }
    }

    interface Check {
        boolean holds() throws IOException;
    }

    static boolean alive(int pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return false;
        }
    }

    static void eventually(String what, Check test) throws IOException {
        long end = System.nanoTime() + SOON.toNanos();
        while (!test.holds()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + SOON + ": " + what);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Override
    public void close() throws IOException {
        spawner.close();
        pool.close();
        String mounts = Files.readString(Path.of("/proc/self/mountinfo"));
        if (mounts.contains(directory.toString())) {
            throw new AssertionError("mounts are left beneath " + directory);
        }
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
