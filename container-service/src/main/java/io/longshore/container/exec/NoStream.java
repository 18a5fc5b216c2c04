package io.longshore.container.exec;

import io.longshore.contracts.stream.Duplex;
import java.io.InputStream;
import java.io.OutputStream;

/** The stream of a session that nobody attaches to. */
final class NoStream implements Duplex {
    @Override
    public InputStream input() {
        return InputStream.nullInputStream();
    }

    @Override
    public OutputStream output() {
        return OutputStream.nullOutputStream();
    }

    @Override
    public void shutdownOutput() {
        // Nobody hears it.
    }

    @Override
    public void reset() {
        // There is no connection.
    }

    @Override
    public void close() {
        // There is no connection.
    }
}
