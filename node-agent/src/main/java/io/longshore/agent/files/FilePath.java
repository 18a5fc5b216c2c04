package io.longshore.agent.files;

import io.longshore.contracts.error.Failure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A path in a container as a client writes it (Engine API, path): relative ones are of the root, {@code ..} goes by the name before it, and
 * a slash or {@code /.} at the end stays, since it asks for a directory and follows a link.
 *
 * @param absolute never empty
 */
record FilePath(String absolute) {
    /** PATH_MAX without its NUL, limits.h. */
    private static final int LONGEST = 4095;

    /** Reads one; {@code INVALID} when there is none, or it has a NUL or is too long. */
    static FilePath parse(String text) {
        if (text.isEmpty()) {
            throw new Failure.Invalid("bad parameter: path is required");
        }
        if (text.indexOf('\0') >= 0) {
            throw new Failure.Invalid("bad parameter: path has a NUL in it");
        }
        if (text.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            throw new Failure.Invalid("bad parameter: path is longer than " + LONGEST + " bytes");
        }
        List<String> names = new ArrayList<>();
        for (String name : text.split("/")) {
            if (name.equals("..") && !names.isEmpty()) {
                names.removeLast();
            } else if (!name.isEmpty() && !name.equals(".") && !name.equals("..")) {
                names.add(name);
            }
        }
        String clean = "/" + String.join("/", names);
        boolean dot = text.equals(".") || text.matches("(?s).*/\\./*");
        if (dot) {
            return new FilePath(clean.endsWith("/") ? clean + "." : clean + "/.");
        }
        return new FilePath(text.endsWith("/") && !clean.endsWith("/") ? clean + "/" : clean);
    }

    /** The last component: {@code /} of the root, {@code .} where the path ends so. */
    String name() {
        String bare = absolute.length() > 1 && absolute.endsWith("/")
                ? absolute.substring(0, absolute.length() - 1)
                : absolute;
        String last = bare.substring(bare.lastIndexOf('/') + 1);
        return last.isEmpty() ? "/" : last;
    }

    /** What is before the last component, with the slash; of something that is no directory. */
    String above() {
        return absolute.substring(0, absolute.lastIndexOf('/') + 1);
    }

    /** The same place in this directory; relative names are appended. */
    String child(String relative) {
        return absolute.endsWith("/") ? absolute + relative : absolute + "/" + relative;
    }

    @Override
    public String toString() {
        return absolute;
    }
}
