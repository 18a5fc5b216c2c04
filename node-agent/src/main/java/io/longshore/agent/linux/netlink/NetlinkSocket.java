package io.longshore.agent.linux.netlink;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.Syscalls;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel over netlink in the network namespace in which it was opened, from whichever thread. Thread-safe, one exchange at a time;
 * a call waits for the kernel's locks, so it belongs on a {@link io.longshore.agent.linux.NativePool}.
 */
public final class NetlinkSocket implements AutoCloseable {
    /** The kernel answers within the call that asks; what does not come within this never comes. */
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    /** The kernel's dumps come in pieces of at most 32 KiB (NLMSG_GOODSIZE and what a reader offers). */
    private static final int PIECE = 1 << 15;

    private static final int ERROR = 2;
    private static final int DONE = 3;
    private static final int DUMP_INTERRUPTED = 0x10;
    /** A dump that others' changes cut through again and again is given up. */
    private static final int DUMPS = 8;

    private static final int EXPLANATION = 1;
    private static final int BATCH_BEGIN = 0x10;
    private static final int BATCH_END = 0x11;
    private static final int NFTABLES = 10;

    private final Syscalls syscalls;
    private final Fd socket;
    private final ReentrantLock exchange = new ReentrantLock();
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.nativeOrder());
    private int sequence;

    private NetlinkSocket(Syscalls syscalls, Fd socket) {
        this.syscalls = syscalls;
        this.socket = socket;
    }

    /** Opens one in the namespace of the calling thread. */
    public static NetlinkSocket route(Syscalls syscalls) throws ErrnoException {
        return open(syscalls, 0);
    }

    /** For nfnetlink. */
    public static NetlinkSocket netfilter(Syscalls syscalls) throws ErrnoException {
        return open(syscalls, 12);
    }

    private static NetlinkSocket open(Syscalls syscalls, int protocol) throws ErrnoException {
        Fd socket = syscalls.netlink(protocol, 0);
        try {
            syscalls.receiveWithin(socket, DEADLINE);
            return new NetlinkSocket(syscalls, socket);
        } catch (ErrnoException e) {
            socket.close();
            throw e;
        }
    }

    /** Has the kernel do these in one call; it tries each, and the first error, if there is one, is thrown at the end. */
    public void execute(List<Message> messages) throws ErrnoException {
        execute(messages, Errno.UNKNOWN);
    }

    /** As above, but this error is none. */
    public void execute(List<Message> messages, Errno harmless) throws ErrnoException {
        if (messages.isEmpty()) {
            return;
        }
        exchange.lock();
        try {
            int first = sequence + 1;
            send(messages, Message.ACK);
            Answers answers = new Answers(messages, first, harmless);
            while (!answers.complete()) {
                receive(answers::take);
            }
            answers.check();
        } finally {
            exchange.unlock();
        }
    }

    /** Has nftables do these, all of them or none, in one transaction (NFNL_MSG_BATCH_BEGIN). */
    public void transaction(List<Message> messages) throws ErrnoException {
        if (messages.isEmpty()) {
            return;
        }
        exchange.lock();
        try {
            var bytes = new ByteArrayOutputStream(1024);
            bytes.writeBytes(batch(BATCH_BEGIN).bytes(++sequence, 0));
            int first = sequence + 1;
            for (Message message : messages) {
                bytes.writeBytes(message.bytes(++sequence, Message.ACK));
            }
            bytes.writeBytes(batch(BATCH_END).bytes(++sequence, 0));
            write(bytes, messages.getFirst());
            Answers answers = new Answers(messages, first, Errno.UNKNOWN);
            while (!answers.complete()) {
                receive(answers::take);
            }
            answers.check();
        } finally {
            exchange.unlock();
        }
    }

    private static Message batch(int type) {
        byte[] subsystem = {0, NFTABLES};
        return new Message("NFNL_MSG_BATCH", type, 0)
                .u8(0)
                .u8(0)
                .u8(subsystem[0])
                .u8(subsystem[1]);
    }

    /**
     * What the kernel answers to a request for one object or all: each message's type, and its content after struct nlmsghdr, which is good
     * during the call only.
     */
    public void query(Message question, BiConsumer<Integer, ByteBuffer> consumer) throws ErrnoException {
        exchange.lock();
        try {
            send(List.of(question), Message.ACK);
            Answers answers = new Answers(List.of(question), sequence, Errno.UNKNOWN);
            answers.consumer = consumer;
            while (!answers.complete()) {
                receive(answers::take);
            }
            answers.check();
        } finally {
            exchange.unlock();
        }
    }

    /** Reads all objects with {@code read}, once more when they changed meanwhile. */
    <T> T dump(Supplier<Message> question, Supplier<Dump<T>> reader) throws ErrnoException {
        for (int attempt = 0; attempt < DUMPS; attempt++) {
            Dump<T> dump = reader.get();
            if (collect(question.get(), dump)) {
                return dump.result();
            }
        }
        throw new ErrnoException("netlink", question.get().title(), Errno.EINTR.number());
    }

    private boolean collect(Message question, Dump<?> dump) throws ErrnoException {
        exchange.lock();
        try {
            send(List.of(question), Message.DUMP);
            Answers answers = new Answers(List.of(question), sequence, Errno.UNKNOWN);
            answers.consumer = dump::take;
            while (!answers.complete()) {
                receive(answers::take);
            }
            answers.check();
            return !answers.interrupted;
        } finally {
            exchange.unlock();
        }
    }

    /** Takes in what a dump has. */
    interface Dump<T> {
        void take(int type, ByteBuffer content);

        T result();
    }

    private void send(List<Message> messages, int flags) throws ErrnoException {
        var bytes = new ByteArrayOutputStream(1024);
        for (Message message : messages) {
            bytes.writeBytes(message.bytes(++sequence, flags));
        }
        write(bytes, messages.getFirst());
    }

    private void write(ByteArrayOutputStream bytes, Message first) throws ErrnoException {
        int sent = syscalls.write(socket, ByteBuffer.wrap(bytes.toByteArray()));
        if (sent != bytes.size()) {
            throw new ErrnoException("netlink", first.title(), Errno.EMSGSIZE.number());
        }
    }

    private void receive(Consumer<ByteBuffer> each) throws ErrnoException {
        piece.clear();
        syscalls.read(socket, piece);
        piece.flip();
        forEach(piece, each);
    }

    /** Each whole message, with its header. */
    static void forEach(ByteBuffer piece, Consumer<ByteBuffer> each) {
        while (piece.remaining() >= Message.HEADER) {
            int start = piece.position();
            int length = piece.getInt(start);
            if (length < Message.HEADER || length > piece.remaining()) {
                return;
            }
            each.accept(piece.slice(start, length).order(ByteOrder.nativeOrder()));
            piece.position(Math.min(piece.limit(), start + (length + 3) / 4 * 4));
        }
    }

    /** Of one exchange. */
    private static final class Answers {
        private final List<Message> messages;
        private final int first;
        private final Errno harmless;
        private int missing;
        private boolean interrupted;
        private @Nullable ErrnoException problem;
        private BiConsumer<Integer, ByteBuffer> consumer = (type, content) -> {};

        Answers(List<Message> messages, int first, Errno harmless) {
            this.messages = messages;
            this.first = first;
            this.harmless = harmless;
            this.missing = messages.size();
        }

        boolean complete() {
            return missing == 0;
        }

        void take(ByteBuffer message) {
            int type = Short.toUnsignedInt(message.getShort(4));
            int flags = message.getShort(6);
            int index = message.getInt(8) - first;
            if (index < 0 || index >= messages.size()) {
                return; // of an exchange that was given up
            }
            interrupted |= (flags & DUMP_INTERRUPTED) != 0;
            if (type == ERROR || type == DONE) {
                missing--;
                int errno = message.limit() >= Message.HEADER + 4 ? -message.getInt(Message.HEADER) : 0;
                if (errno > 0 && errno != harmless.number() && problem == null) {
                    problem = new ErrnoException(
                            "netlink", messages.get(index).title(), errno, explanation(message, type));
                }
            } else {
                consumer.accept(
                        type,
                        message.slice(Message.HEADER, message.limit() - Message.HEADER)
                                .order(ByteOrder.nativeOrder()));
            }
        }

        private static String explanation(ByteBuffer message, int type) {
            // After the error comes the header of the request, without its content (NETLINK_CAP_ACK).
            int start = Message.HEADER + 4 + (type == ERROR ? Message.HEADER : 0);
            if (message.limit() <= start) {
                return "";
            }
            return new Attributes(message.slice(start, message.limit() - start)).text(EXPLANATION);
        }

        void check() throws ErrnoException {
            if (problem != null) {
                throw problem;
            }
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
