package io.longshore.agent.stage;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.linux.SocketPair;
import io.longshore.agent.linux.SpawnRequest;
import io.longshore.agent.linux.Syscalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The process of which supervisors are forked: {@code stage.c}. It is started at once, and again when it has been killed; it ends when this is
 * closed or this JVM ends. Thread-safe; a request at a time, each some hundred microseconds.
 */
final class Nursery implements AutoCloseable {
    /** Room for a supervisor's name and its id, which take the place of these arguments. */
    private static final List<String> TITLE = List.of("longshore-nursery", " ".repeat(160));
    /** struct answer of stage.c: pid, section, index, error, label. */
    private static final int ERROR = 12;

    private static final int LABEL = 16;
    private static final int ANSWER_SIZE = LABEL + 124;

    /** It answers within a millisecond; the first answer waits for an RCU grace period. One that was stopped never does. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration END = Duration.ofSeconds(1);

    private final Syscalls syscalls;
    private final Reaper reaper;
    private final Fd binary;
    private final Fd nothing;
    private final byte[] placing;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Live process;
    private boolean closed;

    /** One that was started: our end of its socket, and itself. */
    private record Live(int pid, Fd pidfd, Fd socket) {}

    /**
     * @param placing the list that puts it, and so all supervisors, where they belong
     * @throws IOException when that fails
     */
    Nursery(Syscalls syscalls, Reaper reaper, Fd binary, Fd nothing, StageProgram placing) throws IOException {
        this.syscalls = syscalls;
        this.reaper = reaper;
        this.binary = binary;
        this.nothing = nothing;
        this.placing = placing.encode();
        start();
    }

    private Live start() throws IOException {
        Live started = spawn();
        process = started;
        boolean placed = false;
        try {
            success(receive(started));
            placed = true;
            return started;
        } finally {
            if (!placed) {
                end();
            }
        }
    }

    private Live spawn() throws ErrnoException {
        List<Fd> ours = new ArrayList<>();
        try (SocketPair pair = syscalls.socketPair();
                Fd program = Spawner.sealed(syscalls, "placing", placing)) {
            // Nothing of the other end stays open here, so that its end shows.
            ours.add(syscalls.dup(pair.ours()));
            syscalls.receiveWithin(ours.getFirst(), PATIENCE);
            int pid = syscalls.posixSpawn(new SpawnRequest(
                    "/proc/self/fd/3",
                    TITLE,
                    List.of(),
                    List.of(nothing, nothing, nothing, binary, pair.theirs(), program)));
            Fd pidfd = syscalls.pidfdOpen(pid); // while it is nobody else's number: it is ours to reap
            reaper.watch(pid);
            return new Live(pid, pidfd, ours.removeFirst());
        } finally {
            ours.forEach(Fd::close);
        }
    }

    /**
     * Has a supervisor forked that finds these descriptors open.
     *
     * @return its process id
     * @throws ErrnoException when it cannot be; nothing is left then
     * @throws IOException when the nursery has ended over it, or did not answer in time: there may be a supervisor, which waits at its
     *     socket for whoever is to end it, and not for long
     */
    int fork(List<Fd> descriptors) throws IOException {
        lock.lock();
        try {
            if (closed) {
                throw new IOException("the agent is stopping");
            }
            ByteBuffer answer = asked(descriptors);
            success(answer);
            return answer.getInt(0);
        } finally {
            lock.unlock();
        }
    }

    /** One that was killed before it has read the request has done nothing for it: another one takes its place. */
    private ByteBuffer asked(List<Fd> descriptors) throws IOException {
        Live known = process;
        if (known != null) {
            try {
                syscalls.sendDescriptors(known.socket, descriptors);
                return receive(known);
            } catch (ErrnoException e) {
                if (!e.is(Errno.EPIPE) && !e.is(Errno.ECONNRESET)) {
                    throw e;
                }
                end();
            }
        }
        Live another = start();
        syscalls.sendDescriptors(another.socket, descriptors);
        return receive(another);
    }

    /** After anything but a whole answer nothing more is asked of that process. */
    private ByteBuffer receive(Live from) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(ANSWER_SIZE).order(ByteOrder.nativeOrder());
        int length;
        try {
            length = syscalls.read(from.socket, answer);
        } catch (ErrnoException e) {
            end();
            if (e.is(Errno.EAGAIN)) {
                throw new IOException("the process of which supervisors are forked did not answer within " + PATIENCE
                        + " and is killed: try again");
            }
            throw e;
        }
        if (length != ANSWER_SIZE) {
            end();
            throw new IOException("the process of which supervisors are forked was killed: try again");
        }
        return answer;
    }

    private static void success(ByteBuffer answer) throws ErrnoException {
        int error = answer.getInt(ERROR);
        if (error != 0) {
            String label = StandardCharsets.UTF_8
                    .decode(answer.slice(LABEL, ANSWER_SIZE - LABEL))
                    .toString();
            throw new ErrnoException("stage", label.substring(0, label.indexOf(0)), error);
        }
    }

    private void end() {
        Live known = process;
        process = null;
        if (known != null) {
            try {
                syscalls.pidfdSendSignal(known.pidfd, ProcessFlags.SIGKILL);
            } catch (ErrnoException e) {
                // It has ended.
            }
            known.socket.close();
            known.pidfd.close();
        }
    }

    /** Returns when it has ended. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            Live known = process;
            end();
            if (known != null) {
                awaitEnd(known.pid);
            }
        } finally {
            lock.unlock();
        }
    }

    private void awaitEnd(int pid) {
        try {
            for (long end = System.nanoTime() + END.toNanos(); System.nanoTime() < end; ) {
                if (syscalls.reap(pid).isPresent()) {
                    return;
                }
                LockSupport.parkNanos(1_000_000);
            }
        } catch (ErrnoException e) {
            // The reaper was quicker.
        }
    }
}
