package io.longshore.agent.linux;

import java.io.IOException;

/**
 * What libnftables does for us: rules as text in, one transaction of the kernel out (nft(8), libnftables(3)). Opened in one network
 * namespace, and good for that, from whichever thread. Thread-safe, one command at a time; it waits for the kernel's locks, so call it on
 * a {@link NativePool}. For those of a sandbox, of which there are many, see {@link io.longshore.agent.linux.netlink.Redirects}.
 */
public interface NftablesLibrary extends AutoCloseable {
    /** Opens one for the namespace of the calling thread. */
    interface Factory {
        NftablesLibrary open() throws IOException;
    }

    /**
     * Runs commands, all of them or none. Not for those that print: the library ends the process when it meets rules that it cannot print.
     *
     * @param commands as nft(8) reads them from a file
     * @throws IOException with the library's own words, which name the command at fault
     */
    void run(String commands) throws IOException;

    @Override
    void close();
}
