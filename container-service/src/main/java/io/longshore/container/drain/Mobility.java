package io.longshore.container.drain;

import io.longshore.container.request.PlacementOptions;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.NetworkSpec;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether a container can leave its node: a pure function that explains itself. Whether another node will do is for placement to say. */
final class Mobility {
    /** Names in an explanation. */
    private static final int MOST_NAMES = 3;

    /** Of one that was never started, and to which files were copied. */
    static final String COPIED = "it may hold files (docker cp), which would be lost: --read-only, or label "
            + PlacementOptions.MOVE + "=true, says that there is nothing to lose";

    /** Of one that has run. */
    static final String WRITTEN = "what it has written would be lost: --read-only, or label " + PlacementOptions.MOVE
            + "=true, says that there is nothing to lose";

    static final String PAUSED = "it is paused, and would not be elsewhere: unpause it";

    private Mobility() {}

    /**
     * Why it stays; null if nothing keeps it.
     *
     * @param around the containers of its node
     * @param left what is left of the time that the node has for being drained
     */
    static @Nullable String stays(ContainerRow row, Surroundings around, Duration left) {
        ContainerSpec spec = row.resolved();
        return Stream.<@Nullable String>of(
                        row.state() == ContainerState.PAUSED ? PAUSED : null,
                        tied(row, around),
                        mounts(spec),
                        spec.security().devices().stream()
                                .findFirst()
                                .map(device -> "device " + device.path() + " is this node's")
                                .orElse(null),
                        networks(row, spec, around),
                        row.autoRemove() ? "--rm: it is left to its end, which removes it" : null,
                        mayLose(row, row.labels()) ? WRITTEN : null,
                        row.state().alive() ? patience(spec.stop(), left) : null)
                .filter(reason -> reason != null)
                .findFirst()
                .orElse(null);
    }

    private static @Nullable String tied(ContainerRow row, Surroundings around) {
        String other = around.tiedTo(row.id());
        return other.isEmpty() ? null : "container " + other + " and this one share namespaces or a link, and one node";
    }

    private static @Nullable String mounts(ContainerSpec spec) {
        for (ContainerSpec.Mount mount : spec.mounts()) {
            switch (mount.kind()) {
                case VOLUME -> {
                    return "volume " + mount.source() + " does not leave this node";
                }
                case BIND -> {
                    return "bind mount of " + mount.source() + ", which is this node's";
                }
                case TMPFS -> {
                    // Made anew at each start.
                }
            }
        }
        return null;
    }

    private static @Nullable String networks(ContainerRow row, ContainerSpec spec, Surroundings around) {
        if (spec.network().isHost()) {
            return "network host is this node's";
        }
        for (NetworkSpec network : Surroundings.networks(spec)) {
            Set<String> others = around.others(row.id(), network);
            if (!others.isEmpty()) {
                String some = others.stream().limit(MOST_NAMES).collect(Collectors.joining(", "));
                return "network " + network.name() + " does not leave this node, and has others on it: " + some
                        + (others.size() > MOST_NAMES ? " and " + (others.size() - MOST_NAMES) + " more" : "");
            }
        }
        return null;
    }

    /**
     * Whether it may have written what is not to be lost: it has run, could write to its root, and nobody says that it may be made anew.
     *
     * @param labels its own
     */
    static boolean mayLose(ContainerRow row, Map<String, String> labels) {
        boolean neverRan = row.state() == ContainerState.CREATED && row.starts() == 0;
        return !neverRan && !row.resolved().readOnlyRoot() && !mayBeMadeAnew(labels);
    }

    /** Whether it is one for whose files its node has to be asked: it never ran, but may have been given some. */
    static boolean mayHoldCopies(ContainerRow row, Map<String, String> labels) {
        return row.state() == ContainerState.CREATED && !row.resolved().readOnlyRoot() && !mayBeMadeAnew(labels);
    }

    private static boolean mayBeMadeAnew(Map<String, String> labels) {
        return "true".equals(labels.get(PlacementOptions.MOVE));
    }

    private static @Nullable String patience(ContainerSpec.Stop stop, Duration left) {
        if (stop.timeoutSeconds() < 0) {
            return "its stop may take for ever (--stop-timeout " + stop.timeoutSeconds() + "): stop it";
        }
        return left.minusSeconds(stop.timeoutSeconds()).isNegative()
                ? "its stop may take " + stop.timeoutSeconds() + " s, longer than the drain has left: stop it"
                : null;
    }
}
