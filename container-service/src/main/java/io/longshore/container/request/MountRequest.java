package io.longshore.container.request;

import io.longshore.contracts.agent.BindUse;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.agent.VolumeUse;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One of HostConfig.Mounts, {@code docker run --mount}: checked as Docker Engine does, in its words. */
final class MountRequest {
    /** The mode of a volume of the node's own that says nothing: as Docker shows that it may be labelled for all. */
    static final String RELABELLED = "z";

    private static final Set<String> LATER = Set.of("image", "npipe", "cluster");
    private static final int LONGEST = 4096;

    private final HostConfig.Mount mount;
    private final String type;
    private final String source;

    private MountRequest(HostConfig.Mount mount) {
        this.mount = mount;
        this.type = Objects.requireNonNullElse(mount.type(), "");
        this.source = Objects.requireNonNullElse(mount.source(), "");
    }

    /** Reads one; {@code Invalid} says what is wrong, {@code NotImplemented} what is not there. */
    static MountPoint parse(HostConfig.Mount mount) {
        return new MountRequest(mount).point();
    }

    /** The cleaned path of a mount point; {@code Invalid}. */
    static String destination(String type, String path) {
        if (path.isEmpty()) {
            throw invalid(type, "field Target must not be empty");
        }
        if (path.length() > LONGEST) {
            throw invalid(type, "a mount path is longer than " + LONGEST + " characters");
        }
        String clean = Path.of(path).normalize().toString();
        if (clean.equals("/") || clean.equals("") || (path.startsWith("/") && clean.startsWith("/.."))) {
            throw invalid(type, "invalid specification: destination can't be '/'");
        }
        absolute(type, path);
        return clean;
    }

    private static void absolute(String type, String path) {
        if (!path.startsWith("/")) {
            throw invalid(type, "invalid mount path: '" + path + "' mount path must be absolute");
        }
    }

    private MountPoint point() {
        if (LATER.contains(type)) {
            throw Refusals.notYet("HostConfig.Mounts", type + " " + source, "; bind, volume and tmpfs are");
        }
        String destination = destination(type, Objects.requireNonNullElse(mount.target(), ""));
        return switch (type) {
            case "bind" -> bind(destination);
            case "volume" -> volume(destination);
            case "tmpfs" -> tmpfs(destination);
            default -> throw invalid(type, "mount type unknown");
        };
    }

    private MountPoint bind(String destination) {
        if (source.isEmpty()) {
            throw invalid(type, "field Source must not be empty");
        }
        var options = new OptionFields("BindOptions", mount.bindOptions());
        String propagation = options.text("Propagation");
        if (!propagation.isEmpty() && !MountMode.PROPAGATIONS.contains(propagation)) {
            throw invalid(type, "invalid propagation mode: " + propagation);
        }
        unset("VolumeOptions", mount.volumeOptions());
        absolute(type, source);
        boolean make = options.flag("CreateMountpoint");
        boolean shallow = options.flag("ReadOnlyNonRecursive");
        readOnlyOptions(options, shallow, propagation);
        Mount bind = new Mount(
                Mount.Kind.BIND,
                Mounts.clean(source),
                destination,
                readOnly(),
                List.of(),
                false,
                "",
                VolumeUse.WHOLE,
                new BindUse(
                        propagation.isEmpty() ? BindUse.PLAIN.propagation() : propagation,
                        !options.flag("NonRecursive"),
                        !shallow,
                        make));
        return new MountPoint(bind, null, Map.of(), Map.of(), false, !make);
    }

    private void readOnlyOptions(OptionFields options, boolean shallow, String propagation) {
        boolean force = options.flag("ReadOnlyForceRecursive");
        if (shallow && !readOnly()) {
            throw invalid(type, "mount options conflict: !ReadOnly && BindOptions.ReadOnlyNonRecursive");
        }
        if (force && !readOnly()) {
            throw invalid(type, "mount options conflict: !ReadOnly && BindOptions.ReadOnlyForceRecursive");
        }
        if (force && shallow) {
            throw invalid(
                    type,
                    "mount options conflict: BindOptions.ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive");
        }
        if (force && !Set.of("", "private", "rprivate").contains(propagation)) {
            throw invalid(
                    type,
                    "mount options conflict: BindOptions.ReadOnlyForceRecursive && BindOptions.Propagation "
                            + propagation);
        }
    }

    private MountPoint volume(String destination) {
        unset("BindOptions", mount.bindOptions());
        boolean anonymous = source.isEmpty();
        var options = new OptionFields("VolumeOptions", mount.volumeOptions());
        String subpath = options.text("Subpath");
        if (!subpath.isEmpty() && anonymous) {
            throw invalid(type, "must not set Subpath when using anonymous volumes");
        }
        if (!subpath.isEmpty() && !isLocal(subpath)) {
            throw invalid(type, "subpath must be a relative path within the volume");
        }
        if (anonymous && readOnly()) {
            throw invalid(type, "must not set ReadOnly mode when using anonymous volumes");
        }
        OptionFields driver = options.fields("DriverConfig");
        String name = driver.text("Name");
        boolean copies = !options.flag("NoCopy") && subpath.isEmpty();
        Mount volume = new Mount(
                Mount.Kind.VOLUME,
                source,
                destination,
                readOnly(),
                List.of(),
                copies,
                RELABELLED,
                new VolumeUse(VolumeUse.WHOLE.driver(), subpath),
                BindUse.PLAIN);
        return new MountPoint(
                volume, name.isEmpty() ? null : name, driver.texts("Options"), options.texts("Labels"), false, false);
    }

    /** As Go's filepath.IsLocal: relative, and never above where it begins. */
    private static boolean isLocal(String path) {
        return path.length() <= LONGEST
                && !path.startsWith("/")
                && !Path.of(path).normalize().startsWith("..");
    }

    private MountPoint tmpfs(String destination) {
        unset("BindOptions", mount.bindOptions());
        if (!source.isEmpty()) {
            throw invalid(type, "field Source must not be specified");
        }
        return MountPoint.of(Mounts.tmpfs(destination, readOnly(), Mounts.tmpfsOptions(mount)));
    }

    private boolean readOnly() {
        return Boolean.TRUE.equals(mount.readOnly());
    }

    private void unset(String field, @Nullable Object value) {
        if (value != null) {
            throw invalid(type, "field " + field + " must not be specified");
        }
    }

    private static Failure.Invalid invalid(String type, String why) {
        return new Failure.Invalid("invalid mount config for type \"" + type + "\": " + why);
    }
}
