package io.longshore.contracts.fleet;

import java.time.Instant;
import java.util.Map;

/**
 * What an operator wants of a node ({@code NodeSpec} of the Engine API).
 *
 * @param version one more with each change; 0 for a node of which nobody wanted anything yet
 * @param availability whether it takes containers
 * @param labels that an operator gave it
 * @param updated the last change
 */
public record NodeSpec(long version, Availability availability, Map<String, String> labels, Instant updated) {
    /** Of a node of which nobody wanted anything yet. */
    public static final NodeSpec DEFAULT = new NodeSpec(0, Availability.ACTIVE, Map.of(), Instant.EPOCH);

    /** Whether a node takes containers. */
    public enum Availability {
        /** It does. */
        ACTIVE,
        /** It keeps those that it has, and takes no others. */
        PAUSE,
        /** It takes no others, and those that it has are moved to other nodes as far as they can be. */
        DRAIN
    }
}
