package io.longshore.container.request;

import io.longshore.container.kernel.Capabilities;
import io.longshore.contracts.agent.SysctlNames;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks what a request asks of its host, as the client sent it, and refuses what is not there yet. Limits: {@link ResourceCheck}. */
final class HostCheck {
    private static final int MOST_SYSCTLS = 200;

    private HostCheck() {}

    static void check(CreateRequest request) {
        network(request);
        HostConfig host = request.hostConfig();
        if (host == null) {
            return;
        }
        RestartOptions.check(host);
        NamespaceModes.check(request.config(), host);
        storage(host);
        Capabilities.effective(false, host.capAdd(), host.capDrop());
        SecurityOptions.parse(host.securityOpt());
        NameResolution.check(host);
        ResourceCheck.check(host);
        DeviceCheck.check(host);
        sysctls(host, Completion.networkMode(request).equals("host"));
        LogOptions.parse(host.logConfig());
        others(host);
    }

    private static void network(CreateRequest request) {
        EndpointWishes.check(request);
        String mode = EndpointWishes.network(request);
        HostConfig host = request.hostConfig();
        if (host == null) {
            return;
        }
        LinkWish.check(host.links());
        PortPublishing.check(host);
        if (mode.startsWith(EndpointWishes.CONTAINER)) {
            joined(request, host);
        } else if (mode.equals("host") && host.links() != null && !host.links().isEmpty()) {
            throw new Failure.Invalid("conflicting options: host type networking can't be used with links. This would"
                    + " result in undefined behavior");
        }
        if (isSet(request.config().macAddress()) && mode.equals("host")) {
            throw new Failure.Invalid("conflicting options: mac-address and the network mode");
        }
    }

    /** What belongs to the network is that of the other container. */
    private static void joined(CreateRequest request, HostConfig host) {
        ContainerConfig config = request.config();
        if (EndpointWishes.network(request).length() == EndpointWishes.CONTAINER.length()) {
            throw new Failure.Invalid("invalid container format container:<name|id>");
        }
        conflict(isSet(config.hostname()), "hostname");
        conflict(
                notEmpty(host.links()),
                "container type network can't be used with links. This would result in undefined behavior");
        conflict(notEmpty(host.dns()), "dns");
        conflict(notEmpty(host.extraHosts()), "custom host-to-IP mapping");
        conflict(isSet(config.macAddress()), "mac-address");
        boolean published = Boolean.TRUE.equals(host.publishAllPorts())
                || (host.portBindings() != null && !host.portBindings().isEmpty());
        if (published) {
            throw new Failure.Invalid("conflicting options: port publishing and the container type network mode");
        }
        if (config.exposedPorts() != null && !config.exposedPorts().isEmpty()) {
            throw new Failure.Invalid("conflicting options: port exposing and the container type network mode");
        }
    }

    private static void conflict(boolean set, String what) {
        if (set) {
            String more = what.indexOf(' ') > 0 && what.endsWith("behavior") ? what : what + " and the network mode";
            throw new Failure.Invalid("conflicting options: " + more);
        }
    }

    private static boolean isSet(@Nullable String text) {
        return text != null && !text.isEmpty();
    }

    private static boolean notEmpty(@Nullable List<String> list) {
        return list != null && !list.isEmpty();
    }

    private static void storage(HostConfig host) {
        VolumesFrom.all(host);
        if (host.storageOpt() != null && !host.storageOpt().isEmpty()) {
            throw new Failure.Invalid(
                    "--storage-opt is supported only for overlay over xfs with 'pquota' mount option");
        }
        for (String bind : host.binds() == null ? List.<String>of() : host.binds()) {
            BindOption.parse(bind, host.volumeDriver());
        }
        for (HostConfig.Mount mount : host.mounts() == null ? List.<HostConfig.Mount>of() : host.mounts()) {
            MountRequest.parse(mount);
        }
        Mounts.checkTmpfs(host.tmpfs());
    }

    private static void others(HostConfig host) {
        Refusals.unlessUnset("HostConfig.DeviceRequests", host.deviceRequests());
    }

    /** Only what belongs to a namespace of the container's own. */
    private static void sysctls(HostConfig host, boolean hostNetwork) {
        Map<String, String> sysctls = host.sysctls() == null ? Map.of() : host.sysctls();
        if (sysctls.size() > MOST_SYSCTLS) {
            throw new Failure.Invalid(
                    "a container can have at most " + MOST_SYSCTLS + " sysctls, not " + sysctls.size());
        }
        for (String name : sysctls.keySet()) {
            String refusal = SysctlNames.refusal(name, hostNetwork, NamespaceModes.hosts(host));
            if (refusal != null) {
                throw new Failure.Invalid(refusal);
            }
        }
    }
}
