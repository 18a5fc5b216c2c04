package io.longshore.agent;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads Docker's multiplexed stream in tests. */
final class Frames {
    private Frames() {}

    /** All payloads to the end of the stream; an error for what is no frame. */
    static String text(InputStream stream) throws IOException {
        StringBuilder text = new StringBuilder();
        DataInputStream in = new DataInputStream(stream);
        for (int kind = in.read(); kind >= 0; kind = in.read()) {
            byte[] rest = in.readNBytes(3);
            if (kind > 2 || rest.length != 3 || (rest[0] | rest[1] | rest[2]) != 0) {
                throw new IOException("no frame after \"" + text + "\"");
            }
            text.append(new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8));
        }
        return text.toString();
    }

    /** The payload of one frame. */
    static String one(InputStream stream) throws IOException {
        DataInputStream in = new DataInputStream(stream);
        in.readInt();
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }
}
