package io.longshore.container.request;

import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One of HostConfig.VolumesFrom, {@code docker run --volumes-from}: {@code container[:mode]}.
 *
 * @param container as its sender names it
 * @param readOnly whether its mounts are so here, whatever they are there
 */
record VolumesFrom(String container, boolean readOnly) {
    /** Reads one; {@code Invalid} in Docker's words. */
    static VolumesFrom parse(String text) {
        if (text.isEmpty()) {
            throw new Failure.Invalid("volumes-from specification cannot be an empty string");
        }
        int colon = text.indexOf(':');
        MountMode mode = MountMode.parse(colon < 0 ? "" : text.substring(colon + 1));
        if (!mode.propagation().isEmpty() || mode.noCopy()) {
            throw new Failure.Invalid("invalid mode: " + mode.text());
        }
        return new VolumesFrom(colon < 0 ? text : text.substring(0, colon), mode.readOnly());
    }

    static List<VolumesFrom> all(@Nullable HostConfig host) {
        List<String> asked = host == null ? null : host.volumesFrom();
        return asked == null
                ? List.of()
                : asked.stream().map(VolumesFrom::parse).toList();
    }

    /** What a request takes of other containers, as its sender names them. */
    static Set<String> containers(@Nullable HostConfig host) {
        Set<String> names = new LinkedHashSet<>();
        all(host).forEach(one -> names.add(one.container()));
        return names;
    }

    /** One of the other's mounts as this container has it: of a volume, the same one; nothing is copied into it any more. */
    MountPoint point(Mount theirs) {
        Mount mount = new Mount(
                theirs.kind(),
                theirs.source(),
                theirs.destination(),
                theirs.readOnly() || readOnly,
                theirs.options(),
                false,
                theirs.mode(),
                theirs.volume(),
                theirs.bind());
        boolean volume = theirs.kind() == Mount.Kind.VOLUME;
        String driver = volume ? theirs.volume().driver() : null;
        return new MountPoint(mount, driver, Map.of(), Map.of(), volume, false);
    }
}
