package io.longshore.agent.stage;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.linux.Syscalls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Starts supervisors. The static binary is kept in a sealed memfd, so that no container can ever write to it
 * (CVE-2019-5736). A supervisor outlives this object and this JVM. Thread-safe.
 */
public final class Spawner implements AutoCloseable {
    private static final int SEALS = ProcessFlags.F_SEAL_SEAL
            | ProcessFlags.F_SEAL_SHRINK
            | ProcessFlags.F_SEAL_GROW
            | ProcessFlags.F_SEAL_WRITE;
    /** Clients that may wait in the listening queue while the stage still prepares. */
    private static final int BACKLOG = 64;
    /** The first descriptor that a program finds open besides the stage's own: stage.c. */
    public static final int FIRST_INHERITED = 6;

    /** Descriptors that a program may find open: stage.c, REQUEST_FDS, less its own two. */
    private static final int MOST_INHERITED = 14;

    private final Syscalls syscalls;
    private final NativePool pool;
    private final Fd binary;
    private final Fd nothing;
    private final Reaper reaper;
    private final Nursery nursery;

    private Spawner(Syscalls syscalls, NativePool pool, Fd binary, Fd nothing, StageProgram placing)
            throws IOException {
        this.syscalls = syscalls;
        this.pool = pool;
        this.binary = binary;
        this.nothing = nothing;
        this.reaper = new Reaper(syscalls);
        try {
            this.nursery = new Nursery(syscalls, reaper, binary, nothing, placing);
        } catch (IOException e) {
            reaper.close();
            throw e;
        }
    }

    /**
     * @param pool where the spawning is done; not closed by this object
     * @param placing {@link StageProgram#placing}
     * @throws IOException if the binary is not on the class path, the kernel has no memfd, or the supervisors cannot be placed
     */
    public static Spawner open(Syscalls syscalls, NativePool pool, StageProgram placing) throws IOException {
        byte[] content;
        try (InputStream in = Spawner.class.getResourceAsStream("stage")) {
            if (in == null) {
                throw new IOException(
                        "the binary io/longshore/agent/stage/stage is not on the class path; build node-agent"
                                + " with gcc and make installed");
            }
            content = in.readAllBytes();
        }
        return open(syscalls, pool, placing, content);
    }

    /** With another build of the stage than the one on the class path, as one under sanitizers. */
    public static Spawner open(Syscalls syscalls, NativePool pool, StageProgram placing, byte[] stage)
            throws IOException {
        Fd binary = sealed(syscalls, "stage", stage);
        Fd nothing = null;
        try {
            nothing = syscalls.open("/dev/null", OpenFlags.O_RDWR, 0);
            return new Spawner(syscalls, pool, binary, nothing, placing);
        } catch (IOException e) {
            binary.close();
            if (nothing != null) {
                nothing.close();
            }
            throw e;
        }
    }

    /**
     * Starts a supervisor with a create program. When this returns, {@link io.longshore.agent.stage.supervisor.SupervisorClient#connect} works at the program's
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
        if (inherited.length > MOST_INHERITED) {
            throw new IllegalArgumentException(inherited.length + " descriptors, at most " + MOST_INHERITED);
        }
        byte[] encoded = program.encode();
        return pool.call(() -> spawn(config, encoded, List.of(inherited)), deadline);
    }

    private int spawn(SupervisorConfig config, byte[] encoded, List<Fd> inherited) throws IOException {
        try (Fd memfd = sealed(syscalls, "program", encoded);
                Fd listener = syscalls.listenUnix(config.socket(), BACKLOG)) {
            try {
                int pid = nursery.fork(Stream.concat(Stream.of(memfd, listener), inherited.stream())
                        .toList());
                reaper.watch(pid);
                return pid;
            } catch (ErrnoException e) {
                // Else there may be a supervisor, whom only this socket reaches.
                Files.deleteIfExists(Path.of(config.socket()));
                throw e;
            }
        }
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
        nursery.close();
        reaper.close();
        binary.close();
        nothing.close();
    }
}
