package io.longshore.agent.linux;

/**
 * Two connected unix sockets that keep the bounds of messages (unix(7), SOCK_SEQPACKET), closed on exec. Closing it closes both.
 *
 * @param ours stays in this process
 * @param theirs goes to another one
 */
public record SocketPair(Fd ours, Fd theirs) implements AutoCloseable {
    @Override
    public void close() {
        ours.close();
        theirs.close();
    }
}
