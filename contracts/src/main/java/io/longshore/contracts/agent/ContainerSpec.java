package io.longshore.contracts.agent;

import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A container, typed and resolved: the second of its three shapes, which placement and the agent read. Nothing in it needs another
 * look at the request or the image.
 *
 * @param id identity
 * @param generation of the container row
 * @param name as of when the spec was written; a rename does not change it
 * @param project whose container it is
 * @param hostname of its UTS namespace
 * @param domainname NIS domain name, or empty
 * @param image what its root is made of
 * @param process what runs
 * @param readOnlyRoot whether its root is mounted read-only
 * @param mounts in mount order, parents first
 * @param network its sandbox
 * @param resources its cgroup
 * @param security its sandbox's walls
 * @param shmBytes size of /dev/shm
 * @param log where output goes
 * @param stop how it is asked to end
 * @param restart what happens after its end
 * @param healthCheck how its health is found out; null for not at all
 * @param runtime exec driver or OCI runtime by name; {@code longshore} is ours
 * @param labels for the agent's own listing
 */
public record ContainerSpec(
        ContainerId id,
        int generation,
        String name,
        String project,
        String hostname,
        String domainname,
        Image image,
        ContainerProcess process,
        boolean readOnlyRoot,
        List<Mount> mounts,
        Network network,
        Resources resources,
        Security security,
        long shmBytes,
        Log log,
        Stop stop,
        Restart restart,
        @Nullable HealthCheck healthCheck,
        String runtime,
        Map<String, String> labels) {
    /** A specification from before there were restart policies has none. */
    public ContainerSpec {
        restart = restart == null ? Restart.NO : restart;
    }

    /** The same container with another first process, which has these capabilities. */
    public ContainerSpec process(ContainerProcess other, List<String> capabilities) {
        return with(other, network, resources, security.capabilities(capabilities), restart);
    }

    /** The same container on other networks. */
    public ContainerSpec network(Network other) {
        return with(process, other, resources, security, restart);
    }

    /** The same container with other limits and another restart policy, which may change while it runs. */
    public ContainerSpec updated(Resources newResources, Restart newRestart) {
        return with(process, network, newResources, security, newRestart);
    }

    private ContainerSpec with(
            ContainerProcess newProcess,
            Network newNetwork,
            Resources newResources,
            Security newSecurity,
            Restart newRestart) {
        return new ContainerSpec(
                id,
                generation,
                name,
                project,
                hostname,
                domainname,
                image,
                newProcess,
                readOnlyRoot,
                mounts,
                newNetwork,
                newResources,
                newSecurity,
                shmBytes,
                log,
                stop,
                newRestart,
                healthCheck,
                runtime,
                labels);
    }

    /** An image by its id, with its layers' diff ids, lowest first, and the name under which it was asked for. */
    public record Image(Digest id, String reference, List<Digest> diffIds) {}

    /**
     * The container's first process.
     *
     * @param arguments entrypoint and command in one, never empty; the first is looked up on PATH when it has no slash
     * @param environment NAME=value, in order; HOME and HOSTNAME are added by the agent when they are missing
     * @param user {@code user[:group]}, names or numbers; empty is root
     * @param workingDirectory absolute; made when it is missing
     * @param tty whether it has a terminal
     * @param openStdin whether its standard input is kept open; otherwise it is /dev/null
     * @param stdinOnce whether the end of the first attached client's input ends its standard input
     * @param oomScoreAdjust -1000 to 1000
     * @param limits getrlimit(2) limits to set, by name without RLIMIT_ in lower case
     * @param init whether an init of ours is process 1, which runs the arguments, forwards signals and reaps
     */
    public record ContainerProcess(
            List<String> arguments,
            List<String> environment,
            String user,
            List<String> additionalGroups,
            String workingDirectory,
            boolean tty,
            boolean openStdin,
            boolean stdinOnce,
            int oomScoreAdjust,
            List<Limit> limits,
            boolean init) {
        /** The same in another environment. */
        public ContainerProcess environment(List<String> other) {
            return new ContainerProcess(
                    arguments,
                    other,
                    user,
                    additionalGroups,
                    workingDirectory,
                    tty,
                    openStdin,
                    stdinOnce,
                    oomScoreAdjust,
                    limits,
                    init);
        }
    }

    /** One limit; -1 is unlimited. */
    public record Limit(String name, long soft, long hard) {}

    /**
     * A mount.
     *
     * @param kind what is mounted
     * @param source volume name or host path; empty for tmpfs
     * @param destination absolute path in the container
     * @param readOnly whether writes are refused
     * @param options of a tmpfs, as mount(8) has them: size=64m, mode=1777, noexec, ...
     * @param copyUp whether an empty volume is first filled with what the image has at the destination
     * @param mode as the client wrote it ({@code z}, {@code ro,rslave}), for inspect
     * @param volume of a volume
     * @param bind of a bind mount
     */
    public record Mount(
            Kind kind,
            String source,
            String destination,
            boolean readOnly,
            List<String> options,
            boolean copyUp,
            String mode,
            VolumeUse volume,
            BindUse bind) {
        public Mount {
            // A specification that was written before there were any has none.
            mode = Objects.requireNonNullElse(mode, "");
            volume = Objects.requireNonNullElse(volume, VolumeUse.WHOLE);
            bind = Objects.requireNonNullElse(bind, BindUse.PLAIN);
        }

        /** One of which nothing special is asked. */
        public Mount(
                Kind kind, String source, String destination, boolean readOnly, List<String> options, boolean copyUp) {
            this(kind, source, destination, readOnly, options, copyUp, "", VolumeUse.WHOLE, BindUse.PLAIN);
        }

        /** What a mount is made of. */
        public enum Kind {
            TMPFS,
            VOLUME,
            BIND
        }
    }

    /**
     * The container's network: a sandbox with its endpoints, or that of another container.
     *
     * @param joined whose sandbox it shares; it then has no endpoints and ports of its own. Null for none
     * @param endpoints at most one on each network; the first is the one that the network mode names
     * @param ports to be published on the node
     * @param dns name servers for resolv.conf; empty takes the node's
     * @param dnsSearch search domains; empty takes the node's
     * @param dnsOptions resolver options; empty takes the node's
     * @param extraHosts name:address lines for /etc/hosts; the address may be {@code host-gateway}
     * @param links other containers of the default network that this one is told of
     */
    public record Network(
            @Nullable ContainerId joined,
            List<EndpointSpec> endpoints,
            List<Port> ports,
            List<String> dns,
            List<String> dnsSearch,
            List<String> dnsOptions,
            List<String> extraHosts,
            List<LinkSpec> links) {
        public Network {
            endpoints = List.copyOf(endpoints);
            ports = List.copyOf(ports);
            // A specification that was written before there were any has none.
            links = links == null ? List.of() : List.copyOf(links);
        }

        /** One endpoint, and all else as on the node. */
        public static Network of(EndpointSpec endpoint) {
            return new Network(
                    null, List.of(endpoint), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
        }

        /** Whether it is the node's own. */
        public boolean isHost() {
            return endpoints.stream()
                    .anyMatch(endpoint -> endpoint.network().driver().equals("host"));
        }

        /** The same with other endpoints. */
        public Network endpoints(List<EndpointSpec> others) {
            return new Network(joined, others, ports, dns, dnsSearch, dnsOptions, extraHosts, links);
        }

        /** The same with other ports. */
        public Network ports(List<Port> others) {
            return new Network(joined, endpoints, others, dns, dnsSearch, dnsOptions, extraHosts, links);
        }

        /** Whether it is told of this one. */
        public boolean isLinkedTo(ContainerId other) {
            return links.stream().anyMatch(link -> link.container().equals(other));
        }

        /** The same with other links. */
        public Network links(List<LinkSpec> others) {
            return new Network(joined, endpoints, ports, dns, dnsSearch, dnsOptions, extraHosts, others);
        }
    }

    /**
     * Cgroup limits; 0 means none. Memory in bytes; swap is memory plus swap as in Docker, -1 unlimited; quota and period in
     * microseconds.
     *
     * @param memorySwappiness 0 to 100; null leaves what the parent has
     * @param kernelMemory version 1 only
     * @param oomKillDisable version 1 only: a process that wants more than there is waits
     * @param cpuRealtimeRuntime microseconds of each period for real-time tasks, version 1 only
     * @param cpuRealtimePeriod in microseconds
     * @param blockIo rates and weights of block devices
     */
    public record Resources(
            long memory,
            long memorySwap,
            long memoryReservation,
            long cpuShares,
            long cpuQuota,
            long cpuPeriod,
            String cpusetCpus,
            String cpusetMems,
            long pidsLimit,
            @Nullable String cgroupParent,
            @Nullable Long memorySwappiness,
            long kernelMemory,
            boolean oomKillDisable,
            long cpuRealtimeRuntime,
            long cpuRealtimePeriod,
            BlockIo blockIo) {
        public Resources {
            // A specification that was written before there was one has none.
            blockIo = Objects.requireNonNullElse(blockIo, BlockIo.NONE);
        }

        /** With the limits that most ask for. */
        @SuppressWarnings("checkstyle:ParameterNumber") // a record with fewer fields
        public Resources(
                long memory,
                long memorySwap,
                long memoryReservation,
                long cpuShares,
                long cpuQuota,
                long cpuPeriod,
                String cpusetCpus,
                String cpusetMems,
                long pidsLimit,
                @Nullable String cgroupParent) {
            this(
                    memory,
                    memorySwap,
                    memoryReservation,
                    cpuShares,
                    cpuQuota,
                    cpuPeriod,
                    cpusetCpus,
                    cpusetMems,
                    pidsLimit,
                    cgroupParent,
                    null,
                    0,
                    false,
                    0,
                    0,
                    BlockIo.NONE);
        }

        /** No limit at all. */
        public static Resources none() {
            return new Resources(0, 0, 0, 0, 0, 0, "", "", 0, null);
        }
    }

    /** A value for a block device of the node, by its path there. */
    public record DeviceValue(String path, long value) {}

    /**
     * The walls.
     *
     * @param capabilities bounding, permitted and effective set, names with CAP_; those that the node lacks are left out there
     * @param privileged all devices, no masks, writable /sys
     * @param seccomp {@code default}, {@code unconfined} or a profile in Docker's JSON form
     * @param appArmor {@code default} for the node's own profile if it has AppArmor, {@code unconfined}, or the name of a profile that is loaded
     * @param noNewPrivileges prctl(2) PR_SET_NO_NEW_PRIVS
     * @param maskedPaths hidden by /dev/null or an empty directory
     * @param readOnlyPaths mounted over themselves read-only
     * @param cgroupNamespace {@code private} or {@code host}
     * @param namespaces the others that it may share
     * @param devices of the node
     * @param deviceRules what more devices may be used, as {@code c 10:* rwm}; {@code a} is of both kinds
     * @param sysctls by name with dots, see {@link SysctlNames}
     */
    public record Security(
            List<String> capabilities,
            boolean privileged,
            String seccomp,
            String appArmor,
            boolean noNewPrivileges,
            List<String> maskedPaths,
            List<String> readOnlyPaths,
            String cgroupNamespace,
            Namespaces namespaces,
            List<Device> devices,
            List<String> deviceRules,
            Map<String, String> sysctls) {
        public Security {
            // A specification that was written before there were any has none.
            appArmor = Objects.requireNonNullElse(appArmor, "default");
            namespaces = Objects.requireNonNullElse(namespaces, Namespaces.PRIVATE);
            devices = Objects.requireNonNullElse(devices, List.of());
            deviceRules = Objects.requireNonNullElse(deviceRules, List.of());
            sysctls = Objects.requireNonNullElse(sysctls, Map.of());
        }

        /** The same walls with other capabilities. */
        Security capabilities(List<String> others) {
            return new Security(
                    others,
                    privileged,
                    seccomp,
                    appArmor,
                    noNewPrivileges,
                    maskedPaths,
                    readOnlyPaths,
                    cgroupNamespace,
                    namespaces,
                    devices,
                    deviceRules,
                    sysctls);
        }
    }

    /** Where a container's IPC, process ids and host name come from. */
    public record Namespaces(Namespace ipc, Namespace pid, Namespace uts) {
        /** All are its own. */
        public static final Namespaces PRIVATE =
                new Namespaces(Namespace.PRIVATE, Namespace.PRIVATE, Namespace.PRIVATE);
    }

    /**
     * One of them.
     *
     * @param container whose, if it is {@link From#CONTAINER}
     */
    public record Namespace(From from, @Nullable ContainerId container) {
        /** Its own, which nobody else joins. */
        public static final Namespace PRIVATE = new Namespace(From.PRIVATE, null);

        /** From where it is. */
        public enum From {
            PRIVATE,
            /** IPC only: its own, and others may join it. */
            SHAREABLE,
            /** IPC only: its own without /dev/shm. */
            NONE,
            HOST,
            CONTAINER
        }
    }

    /**
     * A device of the node, or a directory with devices.
     *
     * @param path on the node
     * @param inside path in the container
     * @param access letters of {@code rwm}
     */
    public record Device(String path, String inside, String access) {}

    /**
     * Where output goes.
     *
     * @param driver {@code json-file}, {@code local} or {@code none}
     * @param maxBytes after which a new file is begun
     * @param maxFiles kept in all, the current one included
     * @param compress whether the older files are compressed
     * @param attributes what goes with every line, by name: tag, labels, environment; with the names and values at most
     *     {@link #MAX_ATTRIBUTES} bytes
     */
    public record Log(String driver, long maxBytes, int maxFiles, boolean compress, Map<String, String> attributes) {
        /** Most bytes in UTF-8 that all attributes may have, names, values and 6 for each pair. */
        public static final int MAX_ATTRIBUTES = 4096;

        /** Specifications that were written before there were attributes have none. */
        public Log {
            attributes = attributes == null ? Map.of() : Map.copyOf(attributes);
        }

        /** Plain: not compressed, nothing goes with the lines. */
        public static Log plain(String driver, long maxBytes, int maxFiles) {
            return new Log(driver, maxBytes, maxFiles, false, Map.of());
        }
    }

    /** How it is asked to end: the signal's number, and how many seconds until SIGKILL (-1: never). */
    public record Stop(int signal, int timeoutSeconds) {}

    /**
     * Whether and when it is started again after its end.
     *
     * @param policy of the four that Docker has
     * @param maximumRetries with {@link Policy#ON_FAILURE}: how often in a row, 0 for no limit
     */
    public record Restart(Policy policy, int maximumRetries) {
        /** Not at all. */
        public static final Restart NO = new Restart(Policy.NO, 0);

        /** Docker's policies. */
        public enum Policy {
            NO,
            ALWAYS,
            /** Always, but for one that was stopped by a command when the node starts. */
            UNLESS_STOPPED,
            /** When its exit code is not 0. */
            ON_FAILURE
        }
    }

    /**
     * A command that is executed in the container from time to time.
     *
     * @param arguments what is executed, never empty
     * @param interval between the end of a check and the next one
     * @param timeout after which a check counts as failed
     * @param startPeriod in which failed checks do not count, as long as none has succeeded
     * @param startInterval between checks in that period
     * @param retries how many failures in a row make it unhealthy, at least 1
     */
    public record HealthCheck(
            List<String> arguments,
            Duration interval,
            Duration timeout,
            Duration startPeriod,
            Duration startInterval,
            int retries) {}
}
