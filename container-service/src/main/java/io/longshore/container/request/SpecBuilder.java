package io.longshore.container.request;

import io.longshore.container.kernel.Capabilities;
import io.longshore.container.kernel.Signals;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.contracts.network.ClaimedEndpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Resolves a complete request and its claims into what the agent reads. */
public final class SpecBuilder {
    private static final int DEFAULT_STOP_TIMEOUT = 10;
    /** CPU quota is counted in this period, in microseconds, when NanoCpus is given. */
    private static final long CPU_PERIOD = 100_000;

    private SpecBuilder() {}

    /** Whose container it is: identity, name and project. */
    public record Identity(Owner owner, String name, String project) {}

    /** What the other services have set aside for it. */
    public record Claims(ClaimedImage image, List<ClaimedEndpoint> endpoints, List<ContainerSpec.Mount> mounts) {}

    /** The container, resolved. The request has passed {@link RequestCheck}. */
    public static ContainerSpec build(Identity identity, CreateRequest complete, Claims claims) {
        ContainerConfig config = complete.config();
        HostConfig host = Objects.requireNonNull(complete.hostConfig(), "a complete request has a HostConfig");
        String hostname = Objects.requireNonNullElse(config.hostname(), "");
        return new ContainerSpec(
                identity.owner().container(),
                identity.owner().generation(),
                identity.name(),
                identity.project(),
                hostname,
                Objects.requireNonNullElse(config.domainname(), ""),
                new ContainerSpec.Image(
                        claims.image().id(),
                        Objects.requireNonNullElse(config.image(), ""),
                        claims.image().diffIds()),
                process(config, host, hostname),
                Boolean.TRUE.equals(host.readonlyRootfs()),
                claims.mounts(),
                network(identity, complete, claims.endpoints()),
                resources(host),
                security(host),
                ResourceCheck.of(host.shmSize()),
                log(identity, complete, claims.image()),
                stop(config),
                RestartOptions.parse(host.restartPolicy()),
                HealthOptions.of(config),
                Objects.requireNonNullElse(host.runtime(), ""),
                config.labels() == null ? Map.of() : config.labels());
    }

    private static ContainerSpec.Log log(Identity identity, CreateRequest complete, ClaimedImage image) {
        HostConfig host = complete.hostConfig();
        ContainerConfig config = complete.config();
        List<String> command = new ArrayList<>(orEmpty(config.entrypoint()));
        command.addAll(orEmpty(config.command()));
        return LogAttributes.with(
                LogOptions.parse(host == null ? null : host.logConfig()),
                complete,
                new LogTag.Subject(
                        identity.owner().container(),
                        identity.name(),
                        image.id().toString(),
                        Objects.requireNonNullElse(config.image(), ""),
                        command));
    }

    private static ContainerSpec.ContainerProcess process(ContainerConfig config, HostConfig host, String hostname) {
        boolean tty = Boolean.TRUE.equals(config.tty());
        List<String> arguments = new ArrayList<>(orEmpty(config.entrypoint()));
        arguments.addAll(orEmpty(config.command()));
        return new ContainerSpec.ContainerProcess(
                List.copyOf(arguments),
                Environment.of(config.env(), hostname, tty),
                Objects.requireNonNullElse(config.user(), ""),
                orEmpty(host.groupAdd()),
                config.workingDir() == null || config.workingDir().isEmpty() ? "/" : config.workingDir(),
                tty,
                Boolean.TRUE.equals(config.openStdin()),
                Boolean.TRUE.equals(config.stdinOnce()),
                host.oomScoreAdj() == null ? 0 : host.oomScoreAdj(),
                orEmpty(host.ulimits()).stream()
                        .map(limit -> new ContainerSpec.Limit(
                                String.valueOf(limit.name()),
                                ResourceCheck.of(limit.soft()),
                                ResourceCheck.of(limit.hard())))
                        .toList(),
                // As Docker: where its first process is not the first of all, nobody needs another init.
                Boolean.TRUE.equals(host.init()) && hasOwnProcesses(host.pidMode()));
    }

    private static boolean hasOwnProcesses(@Nullable String pidMode) {
        return pidMode == null || pidMode.isEmpty() || pidMode.equals("private");
    }

    private static ContainerSpec.Network network(
            Identity identity, CreateRequest complete, List<ClaimedEndpoint> claimed) {
        HostConfig host = Objects.requireNonNull(complete.hostConfig(), "a complete request has a HostConfig");
        String mode = EndpointWishes.network(complete);
        boolean joins = mode.startsWith(EndpointWishes.CONTAINER);
        // Ports of the node's own network, or of none, are not to be published: as Docker, that is passed over.
        boolean published = claimed.stream().anyMatch(one -> one.network().bridge() != null);
        return new ContainerSpec.Network(
                joins ? ContainerId.parse(mode.substring(EndpointWishes.CONTAINER.length())) : null,
                EndpointWishes.endpoints(
                        identity.owner().container(),
                        identity.name(),
                        complete.config(),
                        EndpointWishes.of(complete),
                        claimed),
                published ? PortPublishing.ports(complete.config(), host) : List.of(),
                orEmpty(host.dns()),
                orEmpty(host.dnsSearch()),
                orEmpty(host.dnsOptions()),
                orEmpty(host.extraHosts()),
                List.of());
    }

    /** The limits that a complete request asks for. */
    public static ContainerSpec.Resources resources(HostConfig host) {
        long nano = ResourceCheck.of(host.nanoCpus());
        String parent = host.cgroupParent();
        return new ContainerSpec.Resources(
                ResourceCheck.of(host.memory()),
                ResourceCheck.of(host.memorySwap()),
                ResourceCheck.of(host.memoryReservation()),
                ResourceCheck.of(host.cpuShares()),
                nano > 0 ? nano * CPU_PERIOD / 1_000_000_000L : Math.max(ResourceCheck.of(host.cpuQuota()), 0),
                nano > 0 ? CPU_PERIOD : ResourceCheck.of(host.cpuPeriod()),
                Objects.requireNonNullElse(host.cpusetCpus(), ""),
                Objects.requireNonNullElse(host.cpusetMems(), ""),
                ResourceCheck.of(host.pidsLimit()),
                parent == null || parent.isEmpty() ? null : parent,
                host.memorySwappiness(),
                ResourceCheck.of(host.kernelMemory()),
                Boolean.TRUE.equals(host.oomKillDisable()),
                ResourceCheck.of(host.cpuRealtimeRuntime()),
                ResourceCheck.of(host.cpuRealtimePeriod()),
                DeviceCheck.blockIo(host));
    }

    private static ContainerSpec.Security security(HostConfig host) {
        boolean privileged = Boolean.TRUE.equals(host.privileged());
        SecurityOptions options = SecurityOptions.parse(host.securityOpt());
        boolean open = privileged || options.systemPathsUnconfined();
        return new ContainerSpec.Security(
                Capabilities.effective(privileged, host.capAdd(), host.capDrop()),
                privileged,
                privileged && options.seccomp().equals(SecurityOptions.DEFAULT)
                        ? SecurityOptions.UNCONFINED
                        : options.seccomp(),
                privileged && options.appArmor().equals(SecurityOptions.DEFAULT)
                        ? SecurityOptions.UNCONFINED
                        : options.appArmor(),
                options.noNewPrivileges(),
                open ? List.of() : orEmpty(host.maskedPaths()),
                open ? List.of() : orEmpty(host.readonlyPaths()),
                Objects.requireNonNullElse(host.cgroupnsMode(), "host"),
                NamespaceModes.of(host),
                DeviceCheck.devices(host),
                DeviceCheck.rules(host),
                host.sysctls() == null ? Map.of() : host.sysctls());
    }

    private static ContainerSpec.Stop stop(ContainerConfig config) {
        String signal = config.stopSignal();
        return new ContainerSpec.Stop(
                signal == null || signal.isEmpty() ? Signals.TERM : Signals.parse(signal),
                config.stopTimeout() == null ? DEFAULT_STOP_TIMEOUT : config.stopTimeout());
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
