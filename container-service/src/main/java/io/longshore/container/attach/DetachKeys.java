package io.longshore.container.attach;

import io.longshore.contracts.error.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The keys by which a client at a terminal leaves and the process goes on: {@code ctrl-p,ctrl-q} unless it says other ones. A key is a
 * character, or {@code ctrl-} and one of {@code a-z @ [ \ ] ^ _}. Immutable.
 */
public final class DetachKeys {
    private static final String DEFAULT = "ctrl-p,ctrl-q";
    private static final String CONTROL = "@abcdefghijklmnopqrstuvwxyz[\\]^_";

    private final byte[] keys;

    private DetachKeys(byte[] keys) {
        this.keys = keys;
    }

    /** Reads them; null and the empty text are the default; {@link Failure.Invalid} in Docker's words. */
    public static DetachKeys parse(@Nullable String text) {
        String list = text == null || text.isEmpty() ? DEFAULT : text;
        var keys = new ByteArrayOutputStream();
        for (String key : list.split(",", -1)) {
            keys.write(code(key, list));
        }
        return new DetachKeys(keys.toByteArray());
    }

    private static int code(String key, String list) {
        if (key.length() == 1 && key.charAt(0) < 128) {
            return key.charAt(0);
        }
        int code = key.startsWith("ctrl-") && key.length() == 6 ? CONTROL.indexOf(key.charAt(5)) : -1;
        if (code < 0) {
            throw new Failure.Invalid(
                    "Invalid detach keys (" + list.substring(0, Math.min(list.length(), 100)) + ") provided");
        }
        return code;
    }

    /** The keys' bytes. */
    public byte[] bytes() {
        return keys.clone();
    }

    /** Watches one client's input for them. Not thread-safe. */
    Watch watch(OutputStream to) {
        return new Watch(to);
    }

    /** Passes input on but for the keys; what may be their beginning waits for the next byte. */
    final class Watch {
        private final OutputStream to;
        private int matched;

        private Watch(OutputStream to) {
            this.to = to;
        }

        /** Passes a piece on; true when the last key has come: what follows is nobody's. */
        boolean pass(byte[] piece, int count) throws IOException {
            var out = new ByteArrayOutputStream(count + keys.length);
            for (int i = 0; i < count; i++) {
                if (piece[i] != keys[matched]) {
                    out.write(keys, 0, matched);
                    matched = 0;
                }
                if (piece[i] == keys[matched]) {
                    matched++;
                } else {
                    out.write(piece[i]);
                }
                if (matched == keys.length) {
                    out.writeTo(to);
                    return true;
                }
            }
            out.writeTo(to);
            to.flush();
            return false;
        }

        /** The input has ended: what waited was no key. */
        void end() throws IOException {
            to.write(keys, 0, matched);
            to.flush();
            matched = 0;
        }
    }
}
