package io.longshore.container.request;

import io.longshore.contracts.agent.BindUse;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.agent.VolumeUse;
import io.longshore.contracts.error.Failure;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of HostConfig.Binds, {@code docker run -v}: {@code source:destination[:mode]}, where an absolute source is a path of the host and
 * any other the name of a volume.
 */
final class BindOption {
    private static final int MOST_PARTS = 3;

    private BindOption() {}

    /**
     * Reads one; {@code Invalid} in Docker's words.
     *
     * @param volumeDriver of a volume that is not there yet; null for the default
     */
    static MountPoint parse(String text, @Nullable String volumeDriver) {
        String[] parts = text.split(":", -1);
        if (parts[0].isEmpty() || parts.length > MOST_PARTS) {
            throw invalid(text, "");
        }
        if (parts.length == 1) {
            return anonymous(text, parts[0]);
        }
        if (parts.length == 2 && MountMode.isMode(parts[1])) {
            throw invalid(text, "");
        }
        MountMode mode = MountMode.parse(parts.length == MOST_PARTS ? parts[2] : "");
        String destination = destination(text, parts[0].startsWith("/") ? "bind" : "volume", parts[1]);
        return parts[0].startsWith("/")
                ? bind(parts[0], destination, mode)
                : volume(text, parts[0], destination, mode, volumeDriver);
    }

    private static MountPoint anonymous(String text, String destination) {
        Mount mount =
                new Mount(Mount.Kind.VOLUME, "", destination(text, "volume", destination), false, List.of(), true);
        return MountPoint.of(mount);
    }

    private static MountPoint bind(String source, String destination, MountMode mode) {
        String asked = mode.propagation();
        String propagation = asked.isEmpty() ? BindUse.PLAIN.propagation() : asked;
        return MountPoint.of(new Mount(
                Mount.Kind.BIND,
                Mounts.clean(source),
                destination,
                mode.readOnly(),
                List.of(),
                false,
                mode.text(),
                VolumeUse.WHOLE,
                new BindUse(propagation, true, true, true)));
    }

    private static MountPoint volume(
            String text, String name, String destination, MountMode mode, @Nullable String driver) {
        if (!mode.propagation().isEmpty()) {
            throw invalid(text, ": invalid mount config for type \"volume\": field BindOptions must not be specified");
        }
        String shown = mode.text().isEmpty() ? MountRequest.RELABELLED : mode.text();
        Mount mount = new Mount(
                Mount.Kind.VOLUME,
                name,
                destination,
                mode.readOnly(),
                List.of(),
                !mode.noCopy(),
                shown,
                VolumeUse.WHOLE,
                BindUse.PLAIN);
        return new MountPoint(mount, driver, Map.of(), Map.of(), false, false);
    }

    private static String destination(String text, String type, String destination) {
        try {
            return MountRequest.destination(type, destination);
        } catch (Failure.Invalid e) {
            throw invalid(text, ": " + e.text());
        }
    }

    private static Failure.Invalid invalid(String text, String why) {
        return new Failure.Invalid(
                "invalid volume specification: '" + text.substring(0, Math.min(text.length(), 200)) + "'" + why);
    }
}
