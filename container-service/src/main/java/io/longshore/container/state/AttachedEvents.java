package io.longshore.container.state;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.platform.data.NewEvent;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a start and an end tell of networks and volumes, in Docker Engine's order: a network is connected and volumes are mounted before the
 * start, and let go after the end. Pure.
 */
final class AttachedEvents {
    private static final String CONTAINER = "container";
    private static final String DRIVER = "driver";

    private AttachedEvents() {}

    /** All that a change of the row tells, in order. */
    static List<NewEvent> of(ContainerRow row, List<EventDraft> drafts) {
        return drafts.stream()
                .flatMap(draft -> around(row, draft, draft.of(row)))
                .toList();
    }

    /** The event of a container, with those of its network and volumes before or after it. */
    private static Stream<NewEvent> around(ContainerRow row, EventDraft draft, NewEvent event) {
        ContainerSpec spec = row.spec();
        if (spec == null) {
            return Stream.of(event);
        }
        return switch (draft.action()) {
            case "start" ->
                Stream.of(network(row, spec, "connect"), mounted(row, spec), Stream.of(event))
                        .flatMap(events -> events);
            case "die" ->
                Stream.of(Stream.of(event), network(row, spec, "disconnect"), unmounted(row, spec))
                        .flatMap(events -> events);
            default -> Stream.of(event);
        };
    }

    private static Stream<NewEvent> network(ContainerRow row, ContainerSpec spec, String action) {
        return spec.network().endpoints().stream().map(endpoint -> of(row, endpoint.network(), action));
    }

    /** A container was connected to a network or disconnected from it. */
    static NewEvent of(ContainerRow row, NetworkSpec network, String action) {
        Map<String, String> attributes =
                Map.of(CONTAINER, row.id().value(), "name", network.name(), "type", network.driver());
        return new NewEvent(row.project(), "network", action, network.id(), attributes);
    }

    private static Stream<Mount> volumes(ContainerSpec spec) {
        return spec.mounts().stream().filter(mount -> mount.kind() == Mount.Kind.VOLUME);
    }

    private static Stream<NewEvent> mounted(ContainerRow row, ContainerSpec spec) {
        return volumes(spec).map(mount -> {
            Map<String, String> attributes = Map.of(
                    CONTAINER,
                    row.id().value(),
                    "destination",
                    mount.destination(),
                    DRIVER,
                    mount.volume().driver(),
                    "propagation",
                    "",
                    "read/write",
                    String.valueOf(!mount.readOnly()));
            return new NewEvent(row.project(), "volume", "mount", mount.source(), attributes);
        });
    }

    private static Stream<NewEvent> unmounted(ContainerRow row, ContainerSpec spec) {
        return volumes(spec)
                .map(mount -> new NewEvent(
                        row.project(),
                        "volume",
                        "unmount",
                        mount.source(),
                        Map.of(
                                CONTAINER,
                                row.id().value(),
                                DRIVER,
                                mount.volume().driver())));
    }
}
