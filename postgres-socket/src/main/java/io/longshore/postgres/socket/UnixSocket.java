package io.longshore.postgres.socket;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOptions;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Socket} does on a unix socket. It connects to its path, whatever address it is given, and {@code SO_TIMEOUT} limits
 * writes too, since a server that stands still takes none. Options of TCP are accepted and have no effect.
 */
public final class UnixSocket extends SocketImpl {
    private final Path path;
    private final boolean interruptible;
    private volatile int timeoutMillis;
    private volatile boolean closed;
    private volatile @Nullable UnixConnection connection;

    private UnixSocket(Path path, boolean interruptible) {
        this.path = path;
        this.interruptible = interruptible;
    }

    /**
     * A socket that is not connected yet. An interrupt does not end its waits, as with TCP on a platform thread: a database session that is cut
     * in the middle leaves open what became of its transaction.
     */
    static Socket to(Path path) throws SocketException {
        return socket(new UnixSocket(path, false));
    }

    /** A socket that is not connected yet, and whose waits an interrupt ends with {@link java.io.InterruptedIOException}. */
    public static Socket interruptible(Path path) throws SocketException {
        return socket(new UnixSocket(path, true));
    }

    private static Socket socket(UnixSocket unix) throws SocketException {
        return new Socket(unix) {
            @Override
            public String toString() {
                return "Socket[" + unix.path + "]";
            }
        };
    }

    @Override
    protected void connect(@Nullable SocketAddress address, int timeout) throws IOException {
        UnixConnection opened = UnixConnection.open(path, timeout, interruptible);
        connection = opened;
        if (closed) {
            opened.close();
            throw new SocketException("Socket closed");
        }
    }

    @Override
    protected void connect(String host, int port) throws IOException {
        connect((SocketAddress) null, 0);
    }

    @Override
    protected void connect(InetAddress address, int port) throws IOException {
        connect((SocketAddress) null, 0);
    }

    private UnixConnection connection() throws SocketException {
        UnixConnection open = connection;
        if (open == null) {
            throw new SocketException("Socket is not connected");
        }
        return open;
    }

    @Override
    protected InputStream getInputStream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return connection().read(buffer, offset, length, timeoutMillis);
            }
        };
    }

    @Override
    protected OutputStream getOutputStream() {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] buffer, int offset, int length) throws IOException {
                connection().write(buffer, offset, length, timeoutMillis);
            }
        };
    }

    @Override
    public void setOption(int option, Object value) {
        if (option == SocketOptions.SO_TIMEOUT) {
            timeoutMillis = (Integer) value;
        }
    }

    @Override
    public Object getOption(int option) throws SocketException {
        return switch (option) {
            case SocketOptions.SO_TIMEOUT -> timeoutMillis;
            case SocketOptions.TCP_NODELAY, SocketOptions.SO_KEEPALIVE -> false;
            case SocketOptions.SO_SNDBUF, SocketOptions.SO_RCVBUF -> UnixConnection.CHUNK;
            default -> throw new SocketException("a unix socket has no option " + option);
        };
    }

    @Override
    protected int available() {
        return 0;
    }

    @Override
    protected void close() throws IOException {
        closed = true;
        UnixConnection open = connection;
        if (open != null) {
            open.close();
        }
    }

    @Override
    protected void create(boolean stream) {
        // The channel is made when it connects.
    }

    @Override
    protected void bind(InetAddress host, int port) {
        // The driver binds to any address; a client of a unix socket has none.
    }

    @Override
    protected void listen(int backlog) throws IOException {
        throw new SocketException("this socket is a client's");
    }

    @Override
    protected void accept(SocketImpl s) throws IOException {
        throw new SocketException("this socket is a client's");
    }

    @Override
    protected void sendUrgentData(int data) throws IOException {
        throw new SocketException("a unix socket has no urgent data");
    }
}
