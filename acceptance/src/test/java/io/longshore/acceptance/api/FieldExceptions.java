package io.longshore.acceptance.api;

import java.util.List;
import java.util.regex.Pattern;

/** The fields in which Longshore is meant to answer otherwise than Docker Engine 20.10, and why. */
final class FieldExceptions {
    private static final List<Meant> ALL = List.of(
            new Meant("inspect", "\\.State\\.Pid", "another process"),
            new Meant("inspect", "\\.(LogPath|ResolvConfPath|HostnamePath|HostsPath)", "another work directory"),
            new Meant("inspect", "\\.GraphDriver\\.Data\\..*", "another work directory; one lower directory a layer"),
            new Meant(
                    "inspect",
                    "\\.NetworkSettings\\.SandboxKey",
                    "no bind mount of the namespace: the supervisor holds it"),
            new Meant("list", "\\[0\\]\\.(Created|Status)", "another moment"),
            new Meant("image", "\\.GraphDriver\\.Data\\..*", "another work directory"),
            new Meant("image", "\\.Metadata\\.LastTagTime", "another moment"),
            new Meant(
                    "info", "\\.(ID|Name|SystemTime|DockerRootDir|NFd|NGoroutines|NEventsListener)", "another engine"),
            new Meant(
                    "info",
                    "\\.(ServerVersion|ContainerdCommit|RuncCommit|InitCommit|InitBinary)\\b.*",
                    "no containerd and runc"),
            new Meant("info", "\\.Runtimes\\..*", "the exec drivers that are there"),
            new Meant("info", "\\.(DefaultRuntime)", "the exec driver that is the default"));

    private FieldExceptions() {}

    static boolean meant(String kind, String field) {
        return ALL.stream()
                .anyMatch(e -> e.kind.equals(kind) && e.field.matcher(field).matches());
    }

    private record Meant(String kind, Pattern field, String reason) {
        Meant(String kind, String field, String reason) {
            this(kind, Pattern.compile(field), reason);
        }
    }
}
