package io.longshore.acceptance.cli;

import java.util.Map;

/** The cases in which Longshore's answer is meant to read differently from Docker Engine 20.10's, and why. */
final class Differences {
    private static final Map<String, String> REASONS = Map.of(
            "ImageCliRootIT.listsImages",
            "Docker Engine lists images of the same age in any order",
            "SystemCliRootIT.versionNamesBothSides",
            "the oldest version of the API that is served is another one",
            "SystemCliRootIT.infoDescribesTheMachine",
            "another exec driver by default, and no guess at being in a container");

    private Differences() {}

    static boolean meant(String name) {
        return REASONS.containsKey(name);
    }
}
