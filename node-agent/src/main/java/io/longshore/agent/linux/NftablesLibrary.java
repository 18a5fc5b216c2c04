package io.longshore.agent.linux;

import java.io.IOException;

/**
 * What libnftables does for us: rules as text in, one transaction of the kernel out (nft(8), libnftables(3)). Opened in one network
 * namespace, and good for that, from whichever thread. Thread-safe, one command at a time; it waits for the kernel's locks, so call it on
 * a {@link NativePool}.
 */
public interface NftablesLibrary extends AutoCloseable {
    /** Opens one for the namespace of the calling thread. */
    interface Factory {
        NftablesLibrary open() throws IOException;
    }

    /**
     * Runs commands, all of them or none.
     *
     * @param commands as nft(8) reads them from a file
     * @return what it prints, in JSON (libnftables-json(5)); empty for commands that print nothing
     * @throws IOException with the library's own words, which name the command at fault
     */
    String run(String commands) throws IOException;

    @Override
    void close();
}
