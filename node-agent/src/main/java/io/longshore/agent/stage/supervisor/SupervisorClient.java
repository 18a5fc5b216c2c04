package io.longshore.agent.stage.supervisor;

import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.supervisor.SupervisorStatus.State;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A control connection to a supervisor ({@code protocol.h}). Thread-safe; made for virtual threads. While the process is not
 * started, closing the last control connection takes it back: it is killed and nothing is left.
 */
public final class SupervisorClient implements AutoCloseable {
    private static final byte VERSION = 1;
    private static final byte CONTROL = 1;
    private static final byte ATTACH = 2;
    private static final int HELLO_SIZE = 4;
    private static final int MAX_REPORT = 4096;
    private static final byte REPORT_STATUS = 1;
    private static final byte REPORT_RESULT = 2;
    private static final byte START = 10;
    private static final byte SIGNAL = 11;
    private static final byte RESIZE = 12;
    private static final byte ABORT = 13;
    private static final byte CLOSE_STDIN = 14;

    private final Path socket;
    private final SocketChannel channel;
    private final ReentrantLock writing = new ReentrantLock();
    private final AtomicInteger sequence = new AtomicInteger();
    private final Map<Integer, CompletableFuture<Integer>> results = new ConcurrentHashMap<>();
    private final StatusBoard board = new StatusBoard();

    private SupervisorClient(Path socket, SocketChannel channel) {
        this.socket = socket;
        this.channel = channel;
    }

    /**
     * Connects and waits for the first status.
     *
     * @param socket the path in the program's {@link io.longshore.agent.stage.SupervisorConfig}
     * @throws SupervisorGone if no supervisor listens there: then the exit record has the outcome, and if there is none the
     *     supervisor was killed
     * @throws IOException for anything else, which says nothing of the supervisor
     */
    public static SupervisorClient connect(Path socket, Duration deadline) throws IOException {
        SocketChannel channel = open(socket, CONTROL, 0, deadline).channel;
        var client = new SupervisorClient(socket, channel);
        Thread.ofVirtual().name("supervisor-" + socket.getFileName()).start(client::readAll);
        try {
            client.board.await(status -> true, deadline);
            return client;
        } catch (IOException e) {
            client.close();
            throw e;
        }
    }

    /** Attaches to the process's streams; good from the moment it is spawned until it has ended. */
    public static Attachment attach(Path socket, boolean stdin, boolean stdout, boolean stderr, Duration deadline)
            throws IOException {
        int flags = (stdin ? 1 : 0) | (stdout ? 2 : 0) | (stderr ? 4 : 0);
        Greeted greeted = open(socket, ATTACH, flags, deadline);
        return new Attachment(greeted.channel, greeted.terminal);
    }

    private record Greeted(SocketChannel channel, boolean terminal) {}

    private static Greeted open(Path socket, byte kind, int flags, Duration deadline) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try (Deadline alarm = Deadline.on(channel, deadline)) {
            try {
                connect(channel, socket);
                writeAll(channel, ByteBuffer.wrap(new byte[] {VERSION, kind, (byte) flags, 0}));
                ByteBuffer reply = readAll(channel, HELLO_SIZE);
                if (reply.get(0) != VERSION || reply.get(1) != 0) {
                    throw new ProtocolMismatch(socket, reply.get(0), VERSION, reply.get(1));
                }
                return new Greeted(channel, reply.get(2) != 0);
            } catch (IOException e) {
                channel.close();
                throw alarm.explain(e, "the supervisor at " + socket, deadline);
            }
        }
    }

    private static void connect(SocketChannel channel, Path socket) throws IOException {
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (ConnectException e) {
            throw new SupervisorGone(socket, e);
        } catch (SocketException e) {
            throw Files.notExists(socket) ? new SupervisorGone(socket, e) : e;
        }
    }

    /** The latest status. */
    public SupervisorStatus status() {
        return board.latest();
    }

    /**
     * Waits until the process waits at the gate.
     *
     * @throws StageFailure if a call failed
     */
    public SupervisorStatus awaitCreated(Duration deadline) throws IOException {
        return unlessFailed(board.await(status -> status.state().compareTo(State.CREATED) >= 0, deadline));
    }

    /**
     * Lets the process go on with a start program and returns when its execve has succeeded.
     *
     * @throws StageFailure if a call failed; an execve's error tells "not found" from "not executable"
     */
    public SupervisorStatus start(StageProgram program, Duration deadline) throws IOException {
        command(START, program.encode(), deadline);
        return unlessFailed(board.await(status -> status.state().compareTo(State.STARTED) >= 0, deadline));
    }

    /** Waits until a start that is being made is made, or has failed; what has none is told at once. */
    public SupervisorStatus awaitSettled(Duration deadline) throws IOException {
        return board.await(status -> status.state() != State.STARTING, deadline);
    }

    /** Sends a signal to the process. ESRCH if it does not run. */
    public void signal(int signal, Duration deadline) throws IOException {
        command(SIGNAL, little(4).putInt(0, signal).array(), deadline);
    }

    /** Sets the terminal's size, before the start too. ENOTTY if there is no terminal. */
    public void resize(int columns, int rows, Duration deadline) throws IOException {
        command(
                RESIZE,
                little(4).putShort(0, (short) columns).putShort(2, (short) rows).array(),
                deadline);
    }

    /** Ends the process's input, whoever is attached. */
    public void closeStdin(Duration deadline) throws IOException {
        command(CLOSE_STDIN, new byte[0], deadline);
    }

    /** Takes a process back that was not started: it is killed and nothing is left. EBUSY if it was. */
    public void abort(Duration deadline) throws IOException {
        command(ABORT, new byte[0], deadline);
    }

    /**
     * Completes with the status that ends the process's life (EXITED, FAILED or ABORTED), or with an exception if the
     * connection was lost before: then the exit record, or a new connection, has the answer.
     */
    public CompletableFuture<SupervisorStatus> onEnd() {
        return board.end().copy();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            board.lost(e);
        }
    }

    private static SupervisorStatus unlessFailed(SupervisorStatus status) throws IOException {
        return switch (status.state()) {
            case FAILED -> throw new StageFailure(status.failure());
            case ABORTED -> throw new IOException("the process was taken back before it was started");
            default -> status;
        };
    }

    private void command(byte type, byte[] payload, Duration deadline) throws IOException {
        int number = sequence.incrementAndGet();
        var result = new CompletableFuture<Integer>();
        results.put(number, result);
        try {
            if (board.isLost()) { // looked at after the put: the reader marks the loss, then fails what is in the map
                throw new EOFException("the supervisor at " + socket + " is gone");
            }
            send(frame(type, number, payload), result, deadline);
            int error = result.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
            if (error != 0) {
                throw new ErrnoException("supervisor " + nameOf(type), "", error);
            }
        } catch (TimeoutException e) {
            throw new IOException("the supervisor at " + socket + " did not answer within " + deadline, e);
        } catch (ExecutionException e) {
            if (type == START && board.latest().state() == State.FAILED) {
                return; // it said why and went, before it answered the command
            }
            throw new IOException("the supervisor at " + socket + " is gone", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        } finally {
            results.remove(number);
        }
    }

    private static String nameOf(byte type) {
        return switch (type) {
            case START -> "start";
            case SIGNAL -> "signal";
            case RESIZE -> "resize";
            case ABORT -> "abort";
            default -> "close stdin";
        };
    }

    private static ByteBuffer frame(byte type, int number, byte[] payload) {
        ByteBuffer frame = little(9 + payload.length);
        return frame.putInt(payload.length)
                .put(type)
                .putInt(number)
                .put(payload)
                .flip();
    }

    /**
     * Writes on a thread of its own: the connection is followed for as long as the process runs, and a caller that is interrupted, or
     * whose time is up, would close it with a write of its own.
     */
    private void send(ByteBuffer frame, CompletableFuture<Integer> result, Duration deadline) {
        Thread.ofVirtual().name("supervisor-command").start(() -> {
            try {
                if (writing.tryLock(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
                    try {
                        writeAll(channel, frame);
                    } finally {
                        writing.unlock();
                    }
                }
            } catch (IOException | InterruptedException e) {
                result.completeExceptionally(e);
            }
        });
    }

    private void readAll() {
        try {
            while (true) {
                ByteBuffer head = readAll(channel, 5);
                int size = head.getInt(0);
                if (size < 0 || size > MAX_REPORT) {
                    throw new IOException("a report of " + size + " bytes from the supervisor at " + socket);
                }
                ByteBuffer body = readAll(channel, size);
                switch (head.get(4)) {
                    case REPORT_STATUS -> {
                        byte[] payload = new byte[size];
                        body.get(payload);
                        board.put(SupervisorStatus.parse(payload));
                    }
                    case REPORT_RESULT -> {
                        CompletableFuture<Integer> result = results.get(body.getInt(0));
                        if (result != null) {
                            result.complete(body.getInt(4));
                        }
                    }
                    default -> throw new IOException("an unknown report " + head.get(4) + " from " + socket);
                }
            }
        } catch (Throwable e) { // an Error too: whoever waits for the end must hear that nobody listens any more
            board.lost(e);
            results.values().forEach(result -> result.completeExceptionally(e));
            close();
        }
    }

    private static ByteBuffer readAll(SocketChannel channel, int size) throws IOException {
        ByteBuffer buffer = little(size);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("the supervisor closed the connection");
            }
        }
        return buffer.flip();
    }

    private static void writeAll(SocketChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
