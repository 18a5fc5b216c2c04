package io.longshore.agent.linux.jna;

import com.sun.jna.Pointer;
import io.longshore.agent.linux.NftablesLibrary;
import io.longshore.agent.linux.RawPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;

/** {@link NftablesLibrary} on libnftables.so.1. */
public final class JnaNftablesLibrary implements NftablesLibrary {
    /** Below FD_SETSIZE, with room for what other threads open meanwhile. */
    private static final int MOST_OPEN = 960;

    private final ReentrantLock use = new ReentrantLock();
    private final Pointer context;
    private boolean closed;

    private JnaNftablesLibrary(Pointer context) {
        this.context = context;
    }

    /**
     * Opens one for the network namespace of the calling thread; an {@code IOException} that names the package if it is not installed. To be
     * opened early: the library waits with select(2), and ends the process when its socket has a number that this does not take.
     */
    public static JnaNftablesLibrary open() throws IOException {
        int next = SysSocket.socket(SysSocket.AF_UNIX, SysSocket.SOCK_STREAM_CLOEXEC, 0);
        Unistd.close(next);
        if (next > MOST_OPEN) {
            throw new IOException("libnftables cannot be opened by a process with more than " + MOST_OPEN
                    + " open files: restart the agent");
        }
        try {
            Pointer context = LibNftables.nft_ctx_new(LibNftables.NFT_CTX_DEFAULT);
            if (context == null) {
                throw new IOException("libnftables: out of memory");
            }
            LibNftables.nft_ctx_buffer_output(context);
            LibNftables.nft_ctx_buffer_error(context);
            return new JnaNftablesLibrary(context);
        } catch (LinkageError e) {
            throw new IOException("libnftables.so.1 cannot be loaded: install the package libnftables1", e);
        }
    }

    @Override
    public void run(String commands) throws IOException {
        byte[] text = RawPath.cString(commands);
        use.lock();
        try {
            if (closed) {
                throw new IOException("libnftables: closed");
            }
            int result = LibNftables.nft_run_cmd_from_buffer(context, text);
            // Getting a buffer also empties it for the next command.
            LibNftables.nft_ctx_get_output_buffer(context);
            String problem = text(LibNftables.nft_ctx_get_error_buffer(context));
            if (result != 0) {
                throw new IOException("nft: " + problem.strip());
            }
        } finally {
            use.unlock();
        }
    }

    private static String text(Pointer buffer) {
        return buffer == null ? "" : buffer.getString(0, StandardCharsets.UTF_8.name());
    }

    @Override
    public void close() {
        use.lock();
        try {
            if (!closed) {
                closed = true;
                LibNftables.nft_ctx_free(context);
            }
        } finally {
            use.unlock();
        }
    }
}
