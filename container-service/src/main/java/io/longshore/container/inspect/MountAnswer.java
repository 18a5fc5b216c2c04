package io.longshore.container.inspect;

import io.longshore.container.request.MountPoints;
import io.longshore.container.state.ContainerRow;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.agent.VolumeUse;
import io.longshore.contracts.fleet.NodeInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The field {@code Mounts} of a container (Engine API, MountPoint). */
final class MountAnswer {
    private MountAnswer() {}

    static List<Map<String, @Nullable Object>> of(ContainerRow row, NodeInfo node) {
        return MountPoints.passedOn(row.resolved(), row.hostConfig()).stream()
                .map(mount -> of(mount, node))
                .toList();
    }

    /** Of a plugin's volume it is the plugin's to say, each time it mounts it; Docker Engine leaves it empty, too. */
    private static String directory(Mount mount, NodeInfo node) {
        boolean own = mount.volume().driver().equals(VolumeUse.WHOLE.driver());
        return own ? node.dataRoot() + "/volumes/" + mount.source() + "/_data" : "";
    }

    private static Map<String, @Nullable Object> of(Mount mount, NodeInfo node) {
        boolean volume = mount.kind() == Mount.Kind.VOLUME;
        Map<String, @Nullable Object> point = new LinkedHashMap<>();
        point.put(
                "Type",
                switch (mount.kind()) {
                    case VOLUME -> "volume";
                    case BIND -> "bind";
                    case TMPFS -> "tmpfs";
                });
        if (volume) {
            point.put("Name", mount.source());
        }
        point.put("Source", volume ? directory(mount, node) : mount.source());
        point.put("Destination", mount.destination());
        if (volume) {
            point.put("Driver", mount.volume().driver());
        }
        point.put("Mode", mount.mode());
        point.put("RW", !mount.readOnly());
        point.put("Propagation", mount.kind() == Mount.Kind.BIND ? mount.bind().propagation() : "");
        return point;
    }
}
