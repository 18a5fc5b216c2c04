package io.longshore.agent.execdriver.libcontainer.plan;

import io.longshore.contracts.error.Failure;
import java.util.ArrayList;
import java.util.List;

/** A path in a container, absolute and lexically clean. What its names are, symlinks included, only the kernel decides. */
record InsidePath(List<String> names) {
    private static final int MOST_NAMES = 64;
    private static final int LONGEST = 4095;

    /** Reads a path; {@code Invalid} if it is not absolute, too long or too deep. */
    static InsidePath parse(String what, String path) {
        if (!path.startsWith("/") || path.length() > LONGEST || path.indexOf('\0') >= 0) {
            throw new Failure.Invalid(what + " \"" + shortened(path) + "\" is not an absolute path of at most "
                    + LONGEST + " characters");
        }
        List<String> names = new ArrayList<>();
        for (String name : path.split("/")) {
            if (name.equals("..")) {
                if (!names.isEmpty()) {
                    names.removeLast();
                }
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        if (names.size() > MOST_NAMES) {
            throw new Failure.Invalid(
                    what + " \"" + shortened(path) + "\" is more than " + MOST_NAMES + " directories deep");
        }
        return new InsidePath(List.copyOf(names));
    }

    boolean isRoot() {
        return names.isEmpty();
    }

    boolean isWithin(String top) {
        return !isRoot() && ("/" + names.getFirst()).equals(top);
    }

    /** The first {@code count} names as a path. */
    String prefix(int count) {
        return "/" + String.join("/", names.subList(0, count));
    }

    private static String shortened(String path) {
        return path.substring(0, Math.min(path.length(), 100)).replace('\0', '?');
    }

    @Override
    public String toString() {
        return prefix(names.size());
    }
}
