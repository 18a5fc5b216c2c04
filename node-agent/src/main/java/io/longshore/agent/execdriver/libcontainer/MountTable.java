package io.longshore.agent.execdriver.libcontainer;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where mounts propagate to, by /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
final class MountTable {
    private static final int MOUNT_POINT = 4;
    private static final int FIRST_TAG = 6;

    /** One mount: where, and its tags {@code shared:N} and {@code master:N}. */
    private record Entry(String point, boolean shared, boolean slave) {}

    private MountTable() {}

    /**
     * Checks that the mount on which a path lies propagates as a bind mount of it is to.
     *
     * @return whether the source has to be opened in the host's mount namespace: the agent's own gets mounts from there, but none get back
     * @throws Failure.Invalid in Docker's words
     */
    static boolean check(Path source, String propagation) {
        return switch (propagation) {
            case "shared", "rshared" -> checkShared(source);
            case "slave", "rslave" -> {
                Entry own = entry("/proc/self/mountinfo", source);
                if (!own.shared && !own.slave) {
                    throw refused(source, own, "shared or slave");
                }
                yield false;
            }
            default -> false;
        };
    }

    private static boolean checkShared(Path source) {
        Entry own = entry("/proc/self/mountinfo", source);
        if (own.slave) {
            Entry ofHost = entry("/proc/1/mountinfo", source);
            if (ofHost.shared) {
                return true;
            }
        }
        if (!own.shared) {
            throw refused(source, own, "shared");
        }
        return false;
    }

    private static Failure.Invalid refused(Path source, Entry entry, String want) {
        return new Failure.Invalid(
                "path " + source + " is mounted on " + entry.point + " but it is not a " + want + " mount");
    }

    /** The mount on which a path lies: the last one of those with the longest point above it. */
    private static Entry entry(String table, Path source) {
        try {
            Path real = source.toRealPath();
            Entry found = new Entry("/", false, false);
            for (String line : Files.readAllLines(Path.of(table), StandardCharsets.ISO_8859_1)) {
                Entry entry = parse(line);
                if (real.startsWith(entry.point) && entry.point.length() >= found.point.length()) {
                    found = entry;
                }
            }
            return found;
        } catch (IOException e) {
            throw new Failure.Internal("cannot tell where " + source + " is mounted: " + e.getMessage(), e);
        }
    }

    private static Entry parse(String line) {
        List<String> tags = new ArrayList<>();
        String[] fields = line.split(" ");
        for (int i = FIRST_TAG; i < fields.length && !fields[i].equals("-"); i++) {
            tags.add(fields[i]);
        }
        return new Entry(
                unescaped(fields[MOUNT_POINT]),
                tags.stream().anyMatch(tag -> tag.startsWith("shared:")),
                tags.stream().anyMatch(tag -> tag.startsWith("master:")));
    }

    /** Bytes that would look like a separator are written as three octal digits. */
    private static String unescaped(String field) {
        byte[] bytes = new byte[field.length()];
        int length = 0;
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && i + 3 < field.length()) {
                bytes[length++] = (byte) Integer.parseInt(field.substring(i + 1, i + 4), 8);
                i += 3;
            } else {
                bytes[length++] = (byte) field.charAt(i);
            }
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
