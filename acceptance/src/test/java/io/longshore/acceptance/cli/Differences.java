package io.longshore.acceptance.cli;

import java.util.Map;

/** The cases in which Longshore's answer is meant to read differently from Docker Engine 20.10's, and why. */
final class Differences {
    private static final Map<String, String> REASONS = Map.ofEntries();

    private Differences() {}

    static boolean meant(String name) {
        return REASONS.containsKey(name);
    }
}
