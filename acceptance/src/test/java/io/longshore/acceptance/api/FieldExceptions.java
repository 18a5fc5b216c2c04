package io.longshore.acceptance.api;

import java.util.List;
import java.util.regex.Pattern;

/** The fields in which Longshore is meant to answer otherwise than Docker Engine 20.10, and why. */
final class FieldExceptions {
    private static final List<Meant> ALL = List.of(
            new Meant("inspect", "\\.State\\.Pid", "another process, looked at by itself"),
            new Meant(
                    "inspect",
                    "\\.(LogPath|ResolvConfPath|HostnamePath|HostsPath)",
                    "another work directory; the files are looked at"),
            new Meant("inspect", "\\.Mounts\\[\\d+\\]\\.Source", "another work directory"),
            new Meant("list", "\\[0\\]\\.Mounts\\[\\d+\\]\\.Source", "another work directory"),
            new Meant("inspect", "\\.GraphDriver\\.Data\\b.*", "the layers' directories are the node's own business"),
            new Meant("inspect", "\\.HostConfig\\.Runtime", "the exec driver that is the default"),
            new Meant("inspect", "\\.HostConfig\\.KernelMemory(TCP)?", "removed from the API in 1.42"),
            new Meant("inspect", "\\.HostConfig\\.RestartPolicy\\.Name", "the default is written out, as looked at"),
            new Meant(
                    "inspect",
                    "\\.HostConfig\\.MaskedPaths\\[\\d+\\]",
                    "more is hidden, as by newer engines; the whole list is looked at"),
            new Meant(
                    "inspect",
                    "\\.NetworkSettings\\.SandboxID",
                    "a sandbox without ports is the process's own namespace"),
            new Meant(
                    "inspect",
                    "\\.NetworkSettings\\.SandboxKey",
                    "no bind mount of the namespace: the supervisor holds it"),
            new Meant("inspect NOT_FOUND", "\\.State\\.Error", "no shim and no runc, so their words are not there"),
            new Meant(
                    "inspect NOT_FOUND",
                    "\\.NetworkSettings\\.Networks\\.none\\.NetworkID",
                    "a start that failed leaves no endpoint, and so no network of it"),
            new Meant(
                    "list NOT_FOUND",
                    "\\[0\\]\\.NetworkSettings\\.Networks\\.none\\.(NetworkID|EndpointID)",
                    "a start that failed leaves no endpoint, and so no network of it"),
            new Meant("list", "\\[0\\]\\.(Created|Status)", "another moment"),
            new Meant("image", "\\.GraphDriver\\.Data\\b.*", "a layer may be on many nodes"),
            new Meant("images", "\\[\\d+\\]\\.RepoDigests", "an empty list is written as one, as by newer engines"),
            new Meant("image", "\\.Metadata\\.LastTagTime", "another moment"),
            new Meant(
                    "info", "\\.(ID|Name|SystemTime|DockerRootDir|NFd|NGoroutines|NEventsListener)", "another engine"),
            new Meant(
                    "info",
                    "\\.(ServerVersion|ContainerdCommit|RuncCommit|InitCommit|InitBinary)\\b.*",
                    "no containerd and runc"),
            new Meant("info", "\\.Runtimes\\..*", "the exec drivers that are there"),
            new Meant("info", "\\.Plugins\\..*", "the drivers that are there"),
            new Meant("info", "\\.DriverStatus\\[.*", "what this graph driver has to tell"),
            new Meant("info", "\\.BridgeNf.*", "of Docker Engine's own network namespace, which loads the module"),
            new Meant("info", "\\.KernelMemory(TCP)?", "removed from the API in 1.42"),
            new Meant(
                    "info",
                    "\\.RegistryConfig\\.InsecureRegistryCIDRs\\[1\\]",
                    "the loopback address of IPv6, too, as by newer engines"),
            new Meant("info", "\\.LiveRestoreEnabled", "containers always outlive Longshore"),
            new Meant("info", "\\.OperatingSystem", "no guess at being in a container"),
            new Meant(
                    "df", "\\.Images\\[\\d+\\]\\.RepoDigests", "an empty list is written as one, as by newer engines"),
            new Meant("df", "\\.BuildCache", "an empty list, as by newer engines"),
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
