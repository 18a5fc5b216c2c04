package io.longshore.container.request;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.agent.VolumeUse;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.volume.ClaimedVolume;
import io.longshore.contracts.volume.VolumeClaim;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All that a complete request has mounted, one for each place: a mount of the container's own takes the place of one that it has from
 * another container, and either that of a volume that image or request merely want there.
 */
public final class MountPoints {
    /** Each is a system call at every start, and a volume an event at its start and end. */
    private static final int MOST = 500;

    private final List<MountPoint> points;

    private MountPoints(List<MountPoint> points) {
        this.points = points;
    }

    /**
     * Of a complete request, which has passed {@link RequestCheck}.
     *
     * @param from mounts of the containers that it takes volumes from, by the names that it has for them
     */
    public static MountPoints of(CreateRequest complete, Function<String, List<Mount>> from) {
        Map<String, MountPoint> all = new LinkedHashMap<>();
        HostConfig host = complete.hostConfig();
        if (host != null) {
            for (VolumesFrom other : VolumesFrom.all(host)) {
                from.apply(other.container()).forEach(mount -> all.put(mount.destination(), other.point(mount)));
            }
            Set<String> taken = new HashSet<>();
            own(host).forEach(point -> {
                String destination = point.mount().destination();
                if (!taken.add(destination)) {
                    throw new Failure.Invalid("Duplicate mount point: " + destination);
                }
                all.put(destination, point);
            });
        }
        for (String destination : new TreeSet<>(volumes(complete.config()))) {
            all.putIfAbsent(destination, wanted(destination, driver(host)));
        }
        if (all.size() > MOST) {
            throw new Failure.Invalid(
                    "a container can have at most " + MOST + " volumes and mounts, not " + all.size());
        }
        return new MountPoints(List.copyOf(all.values()));
    }

    /** The containers from which a request takes mounts, as its sender names them. */
    public static Set<String> takenFrom(CreateRequest request) {
        return VolumesFrom.containers(request.hostConfig());
    }

    /** What a container passes on to one that takes its mounts: all but what came by the option --tmpfs. */
    public static List<Mount> passedOn(ContainerSpec spec, HostConfig host) {
        Map<String, String> tmpfs = Objects.requireNonNullElse(host.tmpfs(), Map.of());
        return spec.mounts().stream()
                .filter(mount -> mount.kind() != Mount.Kind.TMPFS || !tmpfs.containsKey(mount.destination()))
                .toList();
    }

    private static List<MountPoint> own(HostConfig host) {
        List<MountPoint> own = new ArrayList<>();
        orEmpty(host.binds()).forEach(bind -> own.add(BindOption.parse(bind, driver(host))));
        orEmpty(host.mounts()).forEach(mount -> own.add(MountRequest.parse(mount)));
        Objects.requireNonNullElse(host.tmpfs(), Map.<String, String>of())
                .forEach((path, options) ->
                        own.add(MountPoint.of(Mounts.tmpfs(path, false, Mounts.flags(path, options)))));
        return own;
    }

    private static MountPoint wanted(String destination, @Nullable String driver) {
        Mount mount = new Mount(Mount.Kind.VOLUME, "", destination, false, List.of(), true);
        return new MountPoint(mount, driver, Map.of(), Map.of(), false, false);
    }

    private static Set<String> volumes(ContainerConfig config) {
        return config.volumes() == null ? Set.of() : config.volumes().keySet();
    }

    private static @Nullable String driver(@Nullable HostConfig host) {
        String driver = host == null ? null : host.volumeDriver();
        return driver == null || driver.isEmpty() ? null : driver;
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    /** Volumes to claim, parents first. */
    public List<VolumeClaim.Wanted> volumes() {
        return points.stream()
                .filter(MountPoint::isVolume)
                .sorted(Comparator.comparing(point -> point.mount().destination()))
                .map(MountPoint::wanted)
                .toList();
    }

    /** All of them, in any order. */
    List<Mount> all() {
        return points.stream().map(MountPoint::mount).toList();
    }

    /** Paths of the host that must be there. */
    public List<String> sources() {
        return points.stream()
                .filter(MountPoint::mustExist)
                .map(point -> point.mount().source())
                .toList();
    }

    /** All mounts in mount order, a parent before its children, with the volumes that have been claimed for them. */
    public List<Mount> resolved(List<ClaimedVolume> claimed) {
        Map<String, ClaimedVolume> byPlace = new HashMap<>();
        claimed.forEach(volume -> byPlace.put(volume.destination(), volume));
        return points.stream()
                .map(MountPoint::mount)
                .map(mount -> mount.kind() == Mount.Kind.VOLUME
                        ? resolved(mount, Objects.requireNonNull(byPlace.get(mount.destination()), "claimed"))
                        : mount)
                .sorted(Comparator.comparing(Mount::destination))
                .toList();
    }

    /** Which driver it has is not known before: Docker shows that it may be labelled for the node's own volumes only. */
    private static String mode(Mount mount, ClaimedVolume volume) {
        boolean own = volume.driver().equals(VolumeUse.WHOLE.driver());
        return own || !mount.mode().equals(MountRequest.RELABELLED) ? mount.mode() : "";
    }

    private static Mount resolved(Mount mount, ClaimedVolume volume) {
        return new Mount(
                mount.kind(),
                volume.name(),
                mount.destination(),
                mount.readOnly(),
                mount.options(),
                mount.copyUp(),
                mode(mount, volume),
                new VolumeUse(volume.driver(), mount.volume().subpath()),
                mount.bind());
    }
}
