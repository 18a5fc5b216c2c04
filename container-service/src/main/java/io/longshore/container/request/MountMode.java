package io.longshore.container.request;

import io.longshore.contracts.error.Failure;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The part of {@code source:destination:mode} that says how: {@code ro}, {@code z}, {@code rslave}, {@code nocopy}; one of a kind. */
record MountMode(String text) {
    static final Set<String> PROPAGATIONS = Set.of("private", "rprivate", "slave", "rslave", "shared", "rshared");

    private static final Map<String, Set<String>> KINDS = Map.of(
            "access",
            Set.of("ro", "rw"),
            "label",
            Set.of("z", "Z"),
            "propagation",
            PROPAGATIONS,
            "copy",
            Set.of("nocopy"),
            "consistency",
            Set.of("consistent", "cached", "delegated"));

    static boolean isMode(String text) {
        if (text.isEmpty()) {
            return true;
        }
        Set<String> seen = new HashSet<>();
        for (String word : text.split(",", -1)) {
            String kind = KINDS.entrySet().stream()
                    .filter(known -> known.getValue().contains(word))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse("");
            if (kind.isEmpty() || !seen.add(kind)) {
                return false;
            }
        }
        return true;
    }

    /** Reads one; {@code Invalid}. */
    static MountMode parse(String text) {
        if (!isMode(text)) {
            throw new Failure.Invalid("invalid mode: " + text);
        }
        return new MountMode(text);
    }

    private List<String> words() {
        return List.of(text.split(",", -1));
    }

    boolean readOnly() {
        return words().contains("ro");
    }

    boolean noCopy() {
        return words().contains("nocopy");
    }

    /** Empty when it has none. */
    String propagation() {
        return words().stream().filter(PROPAGATIONS::contains).findFirst().orElse("");
    }
}
