package io.longshore.acceptance.running;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What is held and not implied, or implied and not held, by kind. */
final class Differences {
    private final Map<String, Set<String>> all = new TreeMap<>();

    /** Both must be the same. */
    void same(String kind, Set<String> held, Set<String> implied) {
        within(kind, held, implied);
        within("missing " + kind, implied, held);
    }

    /** No more may be held than is implied. */
    void within(String kind, Set<String> held, Set<String> implied) {
        Set<String> beyond = new HashSet<>(held);
        beyond.removeAll(implied);
        if (!beyond.isEmpty()) {
            all.put(kind, beyond);
        }
    }

    boolean none() {
        return all.isEmpty();
    }

    Map<String, Set<String>> all() {
        return all;
    }
}
