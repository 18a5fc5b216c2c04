package io.longshore.container.request;

import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.volume.VolumeClaim;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container is to have mounted at one place.
 *
 * @param mount as the agent is to have it; the source of an anonymous volume is empty until it has been claimed
 * @param driver asked for, of a volume that is not there yet; null for the default
 * @param driverOptions of such a volume
 * @param labels of such a volume
 * @param inherited whether it is another container's
 * @param mustExist whether its source on the host has to be there when the container is created
 */
public record MountPoint(
        Mount mount,
        @Nullable String driver,
        Map<String, String> driverOptions,
        Map<String, String> labels,
        boolean inherited,
        boolean mustExist) {
    static MountPoint of(Mount mount) {
        return new MountPoint(mount, null, Map.of(), Map.of(), false, false);
    }

    boolean isVolume() {
        return mount.kind() == Mount.Kind.VOLUME;
    }

    VolumeClaim.Wanted wanted() {
        String name = mount.source().isEmpty() ? null : mount.source();
        return new VolumeClaim.Wanted(name, mount.destination(), driver, driverOptions, labels, inherited);
    }
}
