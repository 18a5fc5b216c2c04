package io.longshore.agent.files;

import io.longshore.agent.graphdriver.ChangeListener;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.regex.Pattern;

/** Changes in Docker's JSON, one object after the other as they are found. */
final class ChangeList implements ChangeListener {
    /** Bytes of names that are no UTF-8: see {@code RawPath}. */
    private static final Pattern NO_TEXT = Pattern.compile("[\\x{DC80}-\\x{DCFF}]");

    private final OutputStream out;
    private char before = '[';

    ChangeList(OutputStream out) {
        this.out = out;
    }

    @Override
    public void changed(Kind kind, String path) throws IOException {
        out.write(before);
        before = ',';
        // As from Go: what is no text in a name is the replacement character.
        String text = NO_TEXT.matcher(path).replaceAll("\uFFFD");
        out.write(Json.bytes(Map.of("Path", text, "Kind", kind.number())));
    }

    void end() throws IOException {
        if (before == '[') {
            out.write('[');
        }
        out.write(']');
    }
}
