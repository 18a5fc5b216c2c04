package io.longshore.platform.stream;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The head of an answer (RFC 9112, 4).
 *
 * @param status its code
 * @param headers in order
 */
public record ResponseHead(int status, List<Header> headers) {
    /** One header field. */
    public record Header(String name, String value) {}

    /** Longest head, in bytes. */
    private static final int LONGEST = 64 * 1024;

    public ResponseHead {
        headers = List.copyOf(headers);
    }

    /** The first header of this name, in any case. */
    public @Nullable String header(String name) {
        for (Header header : headers) {
            if (header.name().equalsIgnoreCase(name)) {
                return header.value();
            }
        }
        return null;
    }

    /** Whether the body is sent in chunks. */
    boolean chunked() {
        String coding = header("Transfer-Encoding");
        return coding != null && coding.strip().equalsIgnoreCase("chunked");
    }

    /** Reads a head; what follows it stays on the wire. Interim answers (RFC 9110, 15.2) but 101 are skipped. */
    static ResponseHead read(Wire wire) throws IOException {
        while (true) {
            ResponseHead head = parse(text(wire));
            if (head.status >= 200 || head.status == 101) {
                return head;
            }
        }
    }

    private static String text(Wire wire) throws IOException {
        byte[] buffer = new byte[2048];
        int length = 0;
        while (true) {
            int count = wire.read(buffer, length, buffer.length - length);
            if (count < 0) {
                throw new EOFException(
                        length == 0 ? "the connection ended before an answer" : "the answer's head was cut");
            }
            int from = Math.max(0, length - 3);
            length += count;
            for (int i = from; i + 3 < length; i++) {
                if (buffer[i] == '\r' && buffer[i + 1] == '\n' && buffer[i + 2] == '\r' && buffer[i + 3] == '\n') {
                    wire.unread(buffer, i + 4, length - i - 4);
                    return new String(buffer, 0, i, StandardCharsets.ISO_8859_1);
                }
            }
            if (length == LONGEST) {
                throw new IOException("the answer's head is longer than " + LONGEST + " bytes");
            }
            if (length == buffer.length) {
                buffer = java.util.Arrays.copyOf(buffer, Math.min(LONGEST, 2 * buffer.length));
            }
        }
    }

    private static ResponseHead parse(String text) throws IOException {
        String[] lines = text.split("\r\n", -1);
        String start = lines[0];
        if (!start.matches("HTTP/1\\.[01] \\d{3}( .*)?")) {
            throw new IOException(
                    "not an HTTP answer: it begins with \"" + start.substring(0, Math.min(40, start.length())) + "\"");
        }
        List<Header> headers = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon < 1) {
                throw new IOException("malformed header in an answer");
            }
            headers.add(new Header(
                    lines[i].substring(0, colon), lines[i].substring(colon + 1).strip()));
        }
        return new ResponseHead(Integer.parseInt(start.substring(9, 12)), headers);
    }
}
