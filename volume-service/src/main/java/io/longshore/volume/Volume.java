package io.longshore.volume;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.NodeId;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A volume.
 *
 * @param project whose it is
 * @param name unique in the project; 64 hexadecimal digits when anonymous
 * @param driver of the node
 * @param node where its data is; null until its first use when there are several
 * @param anonymous whether it was made without a name
 * @param created when
 * @param labels as they were given; null when none were
 * @param options of the driver as they were given; null when none were
 * @param removingSince when its removal began; null while it stays
 */
record Volume(
        String project,
        String name,
        String driver,
        @Nullable NodeId node,
        boolean anonymous,
        Instant created,
        @Nullable Map<String, String> labels,
        @Nullable Map<String, String> options,
        @Nullable Instant removingSince) {
    /** The label by which clients know that nobody named the volume. */
    static final String ANONYMOUS = "com.docker.volume.anonymous";

    /** The labels that filters look at. */
    Map<String, String> shownLabels() {
        return labels == null ? Map.of() : labels;
    }

    /** Where its data is; {@code Unavailable} before there is any. */
    NodeId place() {
        if (node == null) {
            throw new Failure.Unavailable("volume " + name + " has no node yet: it gets one at its first use");
        }
        return node;
    }

    Volume on(NodeId where) {
        return new Volume(project, name, driver, where, anonymous, created, labels, options, removingSince);
    }

    /** Whether its data takes space of its node. As in Docker: what has options may lie anywhere, and is neither measured nor pruned. */
    boolean isOwnSpace() {
        return driver.equals(Volumes.LOCAL) && driverOptions().isEmpty();
    }

    /** Whether a plugin has it. */
    boolean isPlugged() {
        return !driver.equals(Volumes.LOCAL);
    }

    Map<String, String> driverOptions() {
        return Objects.requireNonNullElse(options, Map.of());
    }
}
