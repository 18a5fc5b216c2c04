package io.longshore.testbed.engine;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A running engine that serves the Engine API on a unix socket. Closing it ends it and leaves nothing behind. */
public interface Engine extends AutoCloseable {
    /** For reports: {@code docker}, {@code standalone}, {@code processes}. */
    String name();

    /** Where clients connect. */
    Path socket();

    /** Where it looks for the sockets of plugins; there is a directory. */
    Path plugins();

    /** What the engine wrote last, for the message of a failed test. */
    String log();

    /** The command line that runs a command in the network in which the engine itself is, where published ports answer. */
    default List<String> inNetwork(List<String> command) {
        return command;
    }

    /** A process in that network; null if it is this JVM's own. */
    default @Nullable ProcessHandle neighbour() {
        return null;
    }

    /** One request on a connection of its own. */
    default Response call(Request request) {
        try {
            return UnixHttp.once(socket(), request);
        } catch (IOException e) {
            throw new UncheckedIOException(name() + ": " + e.getMessage() + "\n" + log(), e);
        }
    }

    @Override
    void close();
}
