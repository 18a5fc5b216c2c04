package io.longshore.agent.stage.supervisor;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Docker's attach stream, taken apart as its clients do. */
final class Frames {
    final ByteArrayOutputStream[] streams = {
        new ByteArrayOutputStream(),
        new ByteArrayOutputStream(),
        new ByteArrayOutputStream(),
        new ByteArrayOutputStream()
    };
    private final DataInputStream in;

    Frames(InputStream in) {
        this.in = new DataInputStream(in);
    }

    static Frames readAll(InputStream in) throws IOException {
        var frames = new Frames(in);
        while (frames.readOne()) {
            // until the end
        }
        return frames;
    }

    /** False at the end, which must be between two frames. */
    boolean readOne() throws IOException {
        int stream = in.read();
        if (stream < 0) {
            return false;
        }
        if (stream > 3 || in.readByte() != 0 || in.readShort() != 0) {
            throw new IOException("not a frame: " + stream);
        }
        int size = in.readInt();
        if (size < 1 || size > 65536) {
            throw new IOException("a frame of " + size);
        }
        byte[] payload = in.readNBytes(size);
        if (payload.length < size) {
            throw new EOFException("a frame is cut");
        }
        streams[stream].write(payload);
        return true;
    }

    String out() {
        return streams[1].toString(StandardCharsets.UTF_8);
    }

    String err() {
        return streams[2].toString(StandardCharsets.UTF_8);
    }

    String system() {
        return streams[3].toString(StandardCharsets.UTF_8);
    }
}
