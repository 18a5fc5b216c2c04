package io.longshore.testbed.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Ends of log files, for messages. */
final class Logs {
    private static final int TAIL = 6000;

    private Logs() {}

    /** The last few kilobytes, or why there are none. */
    static String tail(Path file) {
        try {
            String all = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            return all.substring(Math.max(0, all.length() - TAIL));
        } catch (IOException e) {
            return "(no log: " + e + ")\n";
        }
    }
}
