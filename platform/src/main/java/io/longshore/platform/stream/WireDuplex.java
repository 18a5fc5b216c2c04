package io.longshore.platform.stream;

import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * {@link Duplex} on a connection. Between parts both directions are in chunks, whose final one tells an end from a cut: a unix socket
 * has no reset that a peer could see. Towards Docker's clients they are raw.
 */
final class WireDuplex implements Duplex {
    private final Wire wire;
    private final InputStream input;
    private final OutputStream output;
    private final boolean framed;

    private WireDuplex(Wire wire, InputStream input, OutputStream output, boolean framed) {
        this.wire = wire;
        this.input = input;
        this.output = output;
        this.framed = framed;
    }

    static WireDuplex framed(Wire wire) {
        return new WireDuplex(wire, new ChunkedInput(wire), new ChunkedOutput(wire), true);
    }

    static WireDuplex raw(Wire wire) {
        return new WireDuplex(wire, wire.rawInput(), wire.rawOutput(), false);
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (output instanceof ChunkedOutput chunked) {
            // The final chunk is the end. The connection's own then says that we have gone.
            chunked.end();
        } else {
            wire.shutdownOutput();
        }
    }

    @Override
    public boolean hasGone() {
        return wire.hasGone(!framed);
    }

    @Override
    public void reset() {
        wire.reset();
    }

    @Override
    public void close() {
        wire.close();
    }
}
