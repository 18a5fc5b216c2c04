package io.longshore.platform.stream;

import io.longshore.contracts.stream.ByteStream;
import java.io.InputStream;

/** {@link ByteStream} on a connection. */
record WireInput(Wire wire, InputStream input) implements ByteStream {
    @Override
    public void close() {
        wire.close();
    }
}
