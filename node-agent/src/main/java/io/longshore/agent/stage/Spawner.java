package io.longshore.agent.stage;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.Pipe;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.linux.SpawnRequest;
import io.longshore.agent.linux.Syscalls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Starts stage processes. The static binary is kept in a sealed memfd, so that no container can ever write to it
 * (CVE-2019-5736). A started process outlives this object and this JVM. Thread-safe.
 */
public final class Spawner implements AutoCloseable {
    private static final int SEALS = ProcessFlags.F_SEAL_SEAL
            | ProcessFlags.F_SEAL_SHRINK
            | ProcessFlags.F_SEAL_GROW
            | ProcessFlags.F_SEAL_WRITE;
    /** Clients that may wait in the listening queue while the stage still prepares. */
    private static final int BACKLOG = 64;
    /** The first descriptor that a program finds open besides the stage's own: stage.c. */
    public static final int FIRST_INHERITED = 7;

    private final Syscalls syscalls;
    private final NativePool pool;
    private final Fd binary;
    private final Fd nothing;
    private final Reaper reaper;

    private Spawner(Syscalls syscalls, NativePool pool, Fd binary, Fd nothing) {
        this.syscalls = syscalls;
        this.pool = pool;
        this.binary = binary;
        this.nothing = nothing;
        this.reaper = new Reaper(syscalls);
    }

    /**
     * @param pool where the spawning is done; not closed by this object
     * @throws IOException if the binary is not on the class path, or the kernel has no memfd
     */
    public static Spawner open(Syscalls syscalls, NativePool pool) throws IOException {
        byte[] content;
        try (InputStream in = Spawner.class.getResourceAsStream("stage")) {
            if (in == null) {
                throw new IOException(
                        "the binary io/longshore/agent/stage/stage is not on the class path; build node-agent"
                                + " with gcc and make installed");
            }
            content = in.readAllBytes();
        }
        return open(syscalls, pool, content);
    }

    /** With another build of the stage than the one on the class path, as one under sanitizers. */
    public static Spawner open(Syscalls syscalls, NativePool pool, byte[] stage) throws ErrnoException {
        Fd binary = sealed(syscalls, "stage", stage);
        try {
            return new Spawner(syscalls, pool, binary, syscalls.open("/dev/null", OpenFlags.O_RDWR, 0));
        } catch (ErrnoException e) {
            binary.close();
            throw e;
        }
    }

    /**
     * Starts a stage process with a create program. When this returns, {@link io.longshore.agent.stage.supervisor.SupervisorClient#connect} works at the program's
     * socket path; whether the program succeeds is said there.
     *
     * @param deadline for the spawn itself
     * @param inherited what the program's calls find open from {@link #FIRST_INHERITED} on; they stay the caller's
     * @return the supervisor's process id
     * @throws IOException naming the call that failed; nothing is left then
     */
    public int spawn(StageProgram program, Duration deadline, Fd... inherited) throws IOException {
        SupervisorConfig config = program.config();
        if (config == null) {
            throw new IllegalArgumentException("a start program cannot be spawned");
        }
        byte[] encoded = program.encode();
        return pool.call(() -> spawn(config, encoded, List.of(inherited)), deadline);
    }

    private int spawn(SupervisorConfig config, byte[] encoded, List<Fd> inherited) throws IOException {
        try (Fd memfd = sealed(syscalls, "program", encoded);
                Pipe number = syscalls.pipe();
                Fd listener = syscalls.listenUnix(config.socket(), BACKLOG)) {
            try {
                Stream<Fd> own = Stream.of(nothing, nothing, nothing, binary, memfd, listener, number.input());
                int pid = syscalls.posixSpawn(new SpawnRequest(
                        "/proc/self/fd/3",
                        List.of("longshore-supervisor", config.id()),
                        List.of(),
                        Stream.concat(own, inherited.stream()).toList()));
                reaper.watch(pid);
                number.input().close();
                int supervisor = number(number.output(), pid);
                reaper.watch(supervisor);
                return supervisor;
            } catch (ErrnoException e) {
                Files.deleteIfExists(Path.of(config.socket()));
                throw e;
            }
        }
    }

    /** Whose number the stage has told: its own, or that of the process in which it goes on. */
    private int number(Fd told, int pid) throws ErrnoException {
        ByteBuffer number = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
        return syscalls.read(told, number) == Integer.BYTES ? number.getInt(0) : pid; // it was killed before it could
    }

    /** A file in memory that nobody can change any more. */
    public static Fd sealed(Syscalls syscalls, String name, byte[] content) throws ErrnoException {
        Fd memfd = syscalls.memfdCreate(name);
        try {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                if (syscalls.write(memfd, rest) == 0) {
                    throw new ErrnoException("write", name, Errno.EIO.number());
                }
            }
            syscalls.addSeals(memfd, SEALS);
            return memfd;
        } catch (ErrnoException e) {
            memfd.close();
            throw e;
        }
    }

    @Override
    public void close() {
        reaper.close();
        binary.close();
        nothing.close();
    }
}
