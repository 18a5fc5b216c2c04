package io.longshore.container.request;

import io.longshore.container.placement.Constraint;
import io.longshore.container.placement.Reservation;
import io.longshore.container.placement.Strategy;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.volume.VolumeClaim;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of the node that the container is to be on. The Engine API has no words for that, so labels of the request do; those of
 * an image are nobody's wishes and are not looked at.
 *
 * @param constraints of the label {@value #CONSTRAINT}
 * @param strategy of the label {@value #STRATEGY}, null for the fleet's
 * @param reservation {@code --memory-reservation}, the label {@value #CPUS} and the fixed host ports
 * @param volumes names of the volumes that it uses
 * @param networks that it is to be on, predefined ones left out
 * @param binds paths of the host that it mounts
 */
public record PlacementOptions(
        List<Constraint> constraints,
        @Nullable Strategy strategy,
        Reservation reservation,
        List<String> volumes,
        List<String> networks,
        List<String> binds) {
    /** Constraints with commas between them, {@code node.labels.zone==b}. */
    public static final String CONSTRAINT = "io.longshore.placement.constraint";
    /** {@code spread} or {@code pack}. */
    public static final String STRATEGY = "io.longshore.placement.strategy";
    /** Processors to reserve, {@code 0.5}. */
    public static final String CPUS = "io.longshore.reservation.cpus";

    /** Whether it may be made anew on another node when its own is drained, {@code true}: what it has written is lost. */
    public static final String MOVE = "io.longshore.placement.move";

    private static final List<String> PREDEFINED = List.of("bridge", "host", "none", "null");
    private static final int NANO_DIGITS = 9;
    private static final BigDecimal MOST_CPUS = BigDecimal.valueOf(1_000_000);

    /** Of a request as the client sent it; {@code Invalid} names what cannot be understood. */
    public static PlacementOptions of(CreateRequest request) {
        Map<String, String> labels = Objects.requireNonNullElse(request.config().labels(), Map.of());
        String constraints = labels.getOrDefault(CONSTRAINT, "");
        HostConfig host = request.hostConfig();
        MountPoints mounts = MountPoints.of(request, taken -> List.of());
        return new PlacementOptions(
                constraints.isBlank() ? List.of() : Constraint.parse(constraints),
                strategy(labels.get(STRATEGY)),
                new Reservation(
                        cpuNanos(labels.get(CPUS)),
                        host == null || host.memoryReservation() == null ? 0 : host.memoryReservation(),
                        host == null ? List.of() : hostPorts(request, host)),
                mounts.volumes().stream()
                        .map(VolumeClaim.Wanted::name)
                        .filter(Objects::nonNull)
                        .distinct()
                        .toList(),
                EndpointWishes.of(request).stream()
                        .map(EndpointWishes.Wish::network)
                        .filter(network -> !PREDEFINED.contains(network))
                        .toList(),
                mounts.all().stream()
                        .filter(mount -> mount.kind() == Mount.Kind.BIND)
                        .map(Mount::source)
                        .toList());
    }

    private static @Nullable Strategy strategy(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        return Arrays.stream(Strategy.values())
                .filter(one -> one.name().equalsIgnoreCase(text.strip()))
                .findFirst()
                .orElseThrow(() -> new Failure.Invalid("label " + STRATEGY + ": \"" + text + "\" is none of "
                        + Arrays.stream(Strategy.values())
                                .map(one -> one.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", "))));
    }

    private static long cpuNanos(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return 0;
        }
        try {
            BigDecimal cpus = new BigDecimal(text.strip());
            if (cpus.signum() < 0 || cpus.compareTo(MOST_CPUS) > 0) {
                throw new NumberFormatException("out of range");
            }
            return cpus.movePointRight(NANO_DIGITS).longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw new Failure.Invalid(
                    "label " + CPUS + ": \"" + text + "\" is no number of processors: write one such as 0.5", e);
        }
    }

    private static List<String> hostPorts(CreateRequest request, HostConfig host) {
        TreeSet<String> ports = new TreeSet<>();
        PortPublishing.ports(request.config(), host).stream()
                .filter(port -> port.firstHostPort() > 0 && port.firstHostPort() == port.lastHostPort())
                .forEach(port -> ports.add(port.firstHostPort() + "/" + port.protocol()));
        return List.copyOf(ports);
    }
}
