package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.http.UnixHttp;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Output in frames (Engine API, ContainerAttach), read. */
final class Frames {
    private Frames() {}

    /** The payloads of the frames up to the end of the stream, those of stream 2 in brackets. */
    static String all(UnixHttp http) throws IOException {
        DataInputStream in = new DataInputStream(http.raw());
        StringBuilder all = new StringBuilder();
        for (String frame = next(in); !frame.isEmpty(); frame = next(in)) {
            all.append(frame);
        }
        return all.toString();
    }

    /** The payload of the next frame, in brackets if it is of stream 2; empty at the end of the stream. */
    static String next(DataInputStream in) throws IOException {
        byte[] head = in.readNBytes(8);
        if (head.length == 0) {
            return "";
        }
        if (head.length < 8) {
            throw new EOFException("a frame's head of " + head.length + " bytes");
        }
        assertThat(head[0]).as("stream").isIn((byte) 1, (byte) 2);
        int length = ((head[4] & 0xff) << 24) | ((head[5] & 0xff) << 16) | ((head[6] & 0xff) << 8) | (head[7] & 0xff);
        byte[] payload = in.readNBytes(length);
        assertThat(payload).hasSize(length);
        String text = new String(payload, StandardCharsets.UTF_8);
        return head[0] == 2 ? "[" + text + "]" : text;
    }
}
