package io.longshore.container.request;

import io.longshore.container.kernel.Capabilities;
import io.longshore.contracts.agent.SysctlNames;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.container.NetworkingConfig;
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
        String mode = Completion.networkMode(request);
        if (mode.equals("default") || mode.equals("bridge")) {
            throw Refusals.notYet("HostConfig.NetworkMode", mode, ": use --network none or --network host for now");
        }
        if (mode.startsWith("container:")) {
            throw Refusals.notYet("HostConfig.NetworkMode", mode, ": use --network none or --network host for now");
        }
        NetworkingConfig networking = request.networkingConfig();
        Map<String, NetworkingConfig.@Nullable EndpointConfig> endpoints =
                networking == null ? null : networking.endpointsConfig();
        if (endpoints == null) {
            return;
        }
        for (var endpoint : endpoints.entrySet()) {
            if (!endpoint.getKey().equals(mode)) {
                throw Refusals.notYet(
                        "NetworkingConfig.EndpointsConfig",
                        endpoint.getKey(),
                        ": a container has the one network of HostConfig.NetworkMode");
            }
            endpoint(endpoint.getKey(), endpoint.getValue());
        }
    }

    private static void endpoint(String network, NetworkingConfig.@Nullable EndpointConfig endpoint) {
        if (endpoint != null) {
            String field = "EndpointsConfig." + network;
            Refusals.unlessUnset(field + ".IPAMConfig", endpoint.ipamConfig());
            Refusals.unlessUnset(field + ".Links", endpoint.links());
            Refusals.unlessUnset(field + ".Aliases", endpoint.aliases());
            Refusals.unlessUnset(field + ".MacAddress", endpoint.macAddress());
            Refusals.unlessUnset(field + ".DriverOpts", endpoint.driverOpts());
            Refusals.unlessUnset(field + ".GwPriority", endpoint.gwPriority());
        }
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
        Refusals.unlessUnset("HostConfig.PortBindings", host.portBindings());
        Refusals.unlessUnset("HostConfig.PublishAllPorts", host.publishAllPorts());
        Refusals.unlessUnset("HostConfig.Links", host.links());
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
