package io.longshore.agent.stage;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.SocketPair;
import io.longshore.agent.linux.SpawnRequest;
import io.longshore.agent.linux.Syscalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
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

    private final Syscalls syscalls;
    private final Reaper reaper;
    private final Fd binary;
    private final Fd nothing;
    private final byte[] placing;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Fd socket;

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

    private Fd start() throws IOException {
        Fd ours = spawn();
        socket = ours;
        try {
            success(receive(ours));
            return ours;
        } catch (IOException e) {
            end();
            throw e;
        }
    }

    /** Gives our end of the socket; nothing of the other stays open here, so that its end shows. */
    private Fd spawn() throws ErrnoException {
        try (SocketPair pair = syscalls.socketPair();
                Fd program = Spawner.sealed(syscalls, "placing", placing)) {
            Fd ours = syscalls.dup(pair.ours());
            try {
                reaper.watch(syscalls.posixSpawn(new SpawnRequest(
                        "/proc/self/fd/3",
                        TITLE,
                        List.of(),
                        List.of(nothing, nothing, nothing, binary, pair.theirs(), program))));
                return ours;
            } catch (ErrnoException e) {
                ours.close();
                throw e;
            }
        }
    }

    /**
     * Has a supervisor forked that finds these descriptors open.
     *
     * @return its process id
     * @throws IOException when it cannot be; nothing is left then, but when the nursery was killed over it: such a supervisor waits for
     *     nobody and ends
     */
    int fork(List<Fd> descriptors) throws IOException {
        lock.lock();
        try {
            ByteBuffer answer = receive(send(descriptors));
            success(answer);
            return answer.getInt(0);
        } finally {
            lock.unlock();
        }
    }

    /** To another one, if this one was killed since the last time; gives the one. */
    private Fd send(List<Fd> descriptors) throws IOException {
        Fd to = socket;
        if (to != null) {
            try {
                syscalls.sendDescriptors(to, descriptors);
                return to;
            } catch (ErrnoException e) {
                if (!e.is(Errno.EPIPE)) {
                    throw e;
                }
                end();
            }
        }
        Fd another = start();
        syscalls.sendDescriptors(another, descriptors);
        return another;
    }

    private ByteBuffer receive(Fd from) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(ANSWER_SIZE).order(ByteOrder.nativeOrder());
        if (syscalls.read(from, answer) != ANSWER_SIZE) {
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
        Fd open = socket;
        if (open != null) {
            open.close();
        }
        socket = null;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            end();
        } finally {
            lock.unlock();
        }
    }
}
